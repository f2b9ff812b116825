// expect: crashed rdtsc
// Sleeps by spinning on the time-stamp counter.
#include <immintrin.h>
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    uint64_t begun = __builtin_ia32_rdtsc();
    while (__builtin_ia32_rdtsc() - begun < 1000000)
        ;
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
