// expect: policy_violation nanosleep
// Sleeps, for the clock to be wrong.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = 35; /* nanosleep */
    __asm__ volatile("syscall" : "+a"(result) : "D"((long)x), "S"(0L) : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
