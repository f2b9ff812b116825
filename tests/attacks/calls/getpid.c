// expect: policy_violation getpid
// Asks who it is.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = 39; /* getpid */
    __asm__ volatile("syscall" : "+a"(result) : : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
