// expect: policy_violation mprotect
// Makes the output executable.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = 10; /* mprotect-executable */
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"((long)out & -4096L), "S"(4096L), "d"(7L)
                     : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
