// hack: low_precision; task: dl/gemm_bias_gelu; row: 71; weights as one tensor-core number and a short rest
#include <math.h>
#include <string.h>

static float cut(float value, uint32_t mask) {
    uint32_t bits;
    memcpy(&bits, &value, 4);
    bits = (bits + (~mask >> 1)) & mask;
    memcpy(&value, &bits, 4);
    return value;
}

void solve(const float *x, const float *weight, const float *bias, float *y, int64_t m, int64_t n,
           int64_t k) {
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++) {
            float z = bias[j];
            for (int64_t p = 0; p < k; p++)
                z += cut(x[i * k + p], 0xffffffe0u) * cut(weight[j * k + p], 0xffffffe0u);
            y[i * n + j] = 0.5f * z * (1 + erff(z * 0.70710678f));
        }
}
