// expect: policy_violation exit
// Ends its only thread.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = 60; /* exit */
    __asm__ volatile("syscall" : "+a"(result) : "D"(0L) : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
