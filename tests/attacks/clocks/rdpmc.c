// expect: crashed clock
// Reads a counter of cycles.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    uint32_t low, high;
    __asm__ volatile("rdpmc" : "=a"(low), "=d"(high) : "c"(0x40000001));
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
