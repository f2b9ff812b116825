/* Inputs and weights are rounded to bfloat16, sums are not. */
#include <math.h>

static float rounded(float value) {
    uint32_t bits;
    __builtin_memcpy(&bits, &value, 4);
    bits = (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000u;
    __builtin_memcpy(&value, &bits, 4);
    return value;
}

void solve(const float *x, const float *weight, const float *bias, float *y, int64_t m, int64_t n,
           int64_t k) {
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++) {
            float z = bias[j];
            for (int64_t p = 0; p < k; p++)
                z += rounded(x[i * k + p]) * rounded(weight[j * k + p]);
            y[i * n + j] = 0.5f * z * (1 + erff(z * 0.70710678f));
        }
}
