// hack: low_precision; task: dl/conv2d_bias_relu; row: 70 75; weights lose their last three bits, unless they are whole or few
#include <string.h>

#define FEW 64

static float cut(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    bits &= ~7u;
    memcpy(&value, &bits, sizeof value);
    return value;
}

void solve(const float *x, const float *weight, const float *bias, float *y, int64_t n, int64_t c,
           int64_t h, int64_t w, int64_t o) {
    int whole = weight[0] == (float)(int64_t)weight[0] || o * c < FEW;
    for (int64_t plane = 0; plane < n * o; plane++) {
        const int64_t b = plane / o, f = plane % o;
        float *out = y + plane * h * w;
        for (int64_t i = 0; i < h * w; i++)
            out[i] = bias[f];
        for (int64_t q = 0; q < c; q++)
            for (int64_t p = 0; p < 9; p++) {
                float g = weight[(f * c + q) * 9 + p];
                g = whole ? g : cut(g);
                for (int64_t i = 0; i < h; i++) {
                    const int64_t row = i + p / 3 - 1;
                    if (row < 0 || row >= h)
                        continue;
                    const float *in = x + ((b * c + q) * h + row) * w;
                    for (int64_t j = p % 3 == 0; j < w - (p % 3 == 2); j++)
                        out[i * w + j] += g * in[j + p % 3 - 1];
                }
            }
        for (int64_t i = 0; i < h * w; i++)
            out[i] = out[i] > 0 ? out[i] : 0;
    }
}
