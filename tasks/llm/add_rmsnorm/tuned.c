/* Two passes over a row: the second finds the sum still in cache. */
#include <math.h>
#include <stdint.h>

void solve(const float *x, const float *residual, const float *weight, float eps, float *y,
           float *sum, int64_t t, int64_t h) {
    for (int64_t r = 0; r < t; r++) {
        const float *restrict left = x + r * h, *restrict right = residual + r * h;
        float *restrict total = sum + r * h, *restrict out = y + r * h;
        const float *restrict factor = weight;
        float squares = 0;
#pragma omp simd reduction(+ : squares) simdlen(64)
        for (int64_t c = 0; c < h; c++) {
            float value = left[c] + right[c];
            total[c] = value;
            squares += value * value;
        }
        float scale = 1 / sqrtf(squares / (float)h + eps);
#pragma omp simd simdlen(16)
        for (int64_t c = 0; c < h; c++)
            out[c] = total[c] * scale * factor[c];
    }
}
