// expect: policy_violation read
// Reads from a descriptor that might have been left open.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = 0; /* read */
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"(0L), "S"((long)out), "d"(4L)
                     : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
