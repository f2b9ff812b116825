// expect: policy_violation prctl
// Asks for the time-stamp counter back.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = 157; /* prctl-tsc */
    __asm__ volatile("syscall" : "+a"(result) : "D"(26L), "S"(1L) : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
