// expect: policy_violation
// Makes a call that no kernel has.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = -1L; /* negative-number */
    __asm__ volatile("syscall" : "+a"(result) : "D"(0L) : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
