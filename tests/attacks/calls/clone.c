// expect: policy_violation clone
// Starts a thread, with the flags that libc uses.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = 56; /* clone */
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"(0x3d0f00L), "S"(0L), "d"(0L)
                     : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
