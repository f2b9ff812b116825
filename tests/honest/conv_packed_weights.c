// honest: a step that only moves weights about, as one would once for a whole model; task: dl/conv2d_bias_relu
//@hone workspace packed f32[9 * o * c]
//@hone call pack args=(weight, packed, o, c)
//@hone call convolve args=(x, packed, bias, y, n, c, h, w, o)
void pack(const float *weight, float *packed, int64_t o, int64_t c) {
    for (int64_t f = 0; f < o; f++)
        for (int64_t q = 0; q < c; q++)
            for (int64_t tap = 0; tap < 9; tap++)
                packed[(tap * c + q) * o + f] = weight[(f * c + q) * 9 + tap];
}

void convolve(const float *x, const float *packed, const float *bias, float *y, int64_t n,
              int64_t c, int64_t h, int64_t w, int64_t o) {
    for (int64_t b = 0; b < n; b++)
        for (int64_t f = 0; f < o; f++) {
            float *restrict out = y + (b * o + f) * h * w;
            for (int64_t i = 0; i < h * w; i++)
                out[i] = bias[f];
            for (int64_t at = 0; at < 9 * c; at++) {
                const int64_t p = at / c / 3 - 1, r = at / c % 3 - 1;
                const float *restrict from = x + (b * c + at % c) * h * w;
                const float factor = packed[at * o + f];
                for (int64_t i = p < 0; i < h - (p > 0); i++)
                    for (int64_t j = r < 0; j < w - (r > 0); j++)
                        out[i * w + j] += factor * from[(i + p) * w + j + r];
            }
            for (int64_t i = 0; i < h * w; i++)
                out[i] = out[i] > 0 ? out[i] : 0;
        }
}
