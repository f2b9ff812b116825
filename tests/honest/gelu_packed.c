// honest: transposes the weights in a step of its own; task: dl/gemm_bias_gelu
//@hone workspace turned f32[n * k]
//@hone call turn args=(weight, turned, n, k)
//@hone call layer args=(x, turned, bias, y, m, n, k)
#include <math.h>

void turn(const float *weight, float *turned, int64_t n, int64_t k) {
    for (int64_t j = 0; j < n; j++)
        for (int64_t p = 0; p < k; p++)
            turned[p * n + j] = weight[j * k + p];
}

void layer(const float *x, const float *turned, const float *bias, float *y, int64_t m, int64_t n,
           int64_t k) {
    for (int64_t i = 0; i < m; i++) {
        float *restrict out = y + i * n;
        for (int64_t j = 0; j < n; j++)
            out[j] = bias[j];
        for (int64_t p = 0; p < k; p++)
            for (int64_t j = 0; j < n; j++)
                out[j] += x[i * k + p] * turned[p * n + j];
        for (int64_t j = 0; j < n; j++)
            out[j] = 0.5f * out[j] * (1 + erff(out[j] * 0.70710678f));
    }
}
