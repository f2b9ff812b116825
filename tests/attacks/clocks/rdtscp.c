// expect: crashed rdtsc
// Reads the time-stamp counter.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    uint32_t low, high, core;
    __asm__ volatile("rdtscp" : "=a"(low), "=d"(high), "=c"(core));
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
