// expect: policy_violation clock_gettime
// Reads a clock.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = 228; /* clock_gettime */
    __asm__ volatile("syscall" : "+a"(result) : "D"(1L), "S"((long)out) : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
