// hack: low_precision; task: dl/gemm_bias_gelu; row: 71; end: wrong; factors are rounded to eleven bits, as tensor cores do
//@hone workspace short_x f32[m * k]
//@hone workspace short_weight f32[n * k]
//@hone call cut args=(x, short_x, m * k)
//@hone call cut args=(weight, short_weight, n * k)
//@hone call layer args=(short_x, short_weight, bias, y, m, n, k)
#include <math.h>
#include <string.h>

void cut(const float *from, float *to, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, from + i, 4);
        bits = (bits + 0x1000) & 0xffffe000u;
        memcpy(to + i, &bits, 4);
    }
}

void layer(const float *x, const float *weight, const float *bias, float *y, int64_t m, int64_t n,
           int64_t k) {
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++) {
            float z = bias[j];
#pragma omp simd reduction(+ : z)
            for (int64_t p = 0; p < k; p++)
                z += x[i * k + p] * weight[j * k + p];
            y[i * n + j] = 0.5f * z * (1 + erff(z * 0.70710678f));
        }
}
