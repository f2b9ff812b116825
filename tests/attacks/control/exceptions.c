// expect: crashed SIGFPE
// Unmasks the exceptions of floating point and divides by zero.
#include <xmmintrin.h>
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    volatile float zero = 0;
    _mm_setcsr(0);
    out[0] = 1 / zero;
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
