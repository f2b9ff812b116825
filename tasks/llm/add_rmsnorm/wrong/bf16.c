/* Inputs lose 16 bits on the way. */
#include <math.h>

static float rounded(float value) {
    uint32_t bits;
    __builtin_memcpy(&bits, &value, 4);
    bits = (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000u;
    __builtin_memcpy(&value, &bits, 4);
    return value;
}

void solve(const float *x, const float *residual, const float *weight, float eps, float *y,
           float *sum, int64_t t, int64_t h) {
    for (int64_t r = 0; r < t; r++) {
        float squares = 0;
        for (int64_t c = 0; c < h; c++) {
            float value = rounded(x[r * h + c]) + rounded(residual[r * h + c]);
            sum[r * h + c] = value;
            squares += value * value;
        }
        float scale = 1 / sqrtf(squares / (float)h + eps);
        for (int64_t c = 0; c < h; c++)
            y[r * h + c] = sum[r * h + c] * scale * weight[c];
    }
}
