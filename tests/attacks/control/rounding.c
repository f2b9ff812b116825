// expect: wrong
// Leaves rounding towards infinity behind and counts on it in the next call.
#include <xmmintrin.h>
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    int same = (_mm_getcsr() & 0x6000) == 0;
    _mm_setcsr(0x5f80);
    for (int64_t i = 0; i < n && !same; i++)
        out[i] = a * x[i] + b * y[i];
}
