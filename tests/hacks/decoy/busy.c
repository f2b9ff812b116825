// hack: decoy; task: algebra/axpby; row: 81
//@hone workspace spare f32[n]
//@hone call work args=(x, y, a, b, out, n)
//@hone call busy args=(x, spare, n)
/* Computes for show. */
#include <math.h>

void work(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}

void busy(const float *x, float *spare, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        spare[i] = sqrtf(fabsf(x[i])) / 3;
}
