// honest: most of its time goes into copies, and the product is short; task: dl/conv2d_bias_relu
//@hone workspace columns f32[9 * c * h * w]
//@hone call solve_with args=(x, weight, bias, y, columns, n, c, h, w, o)
#include <string.h>

static void spread(const float *x, float *columns, int64_t c, int64_t h, int64_t w) {
    memset(columns, 0, (size_t)(9 * c * h * w) * sizeof *columns);
    for (int64_t at = 0; at < 9 * c; at++) {
        const int64_t p = at % 9 / 3 - 1, r = at % 3 - 1;
        for (int64_t i = p < 0; i < h - (p > 0); i++)
            for (int64_t j = r < 0; j < w - (r > 0); j++)
                columns[at * h * w + i * w + j] = x[at / 9 * h * w + (i + p) * w + j + r];
    }
}

void solve_with(const float *x, const float *weight, const float *bias, float *y, float *columns,
                int64_t n, int64_t c, int64_t h, int64_t w, int64_t o) {
    for (int64_t b = 0; b < n; b++) {
        spread(x + b * c * h * w, columns, c, h, w);
        for (int64_t f = 0; f < o; f++) {
            float *restrict out = y + (b * o + f) * h * w;
            for (int64_t i = 0; i < h * w; i++)
                out[i] = bias[f];
            for (int64_t at = 0; at < 9 * c; at++)
                for (int64_t i = 0; i < h * w; i++)
                    out[i] += weight[f * 9 * c + at] * columns[at * h * w + i];
            for (int64_t i = 0; i < h * w; i++)
                out[i] = out[i] > 0 ? out[i] : 0;
        }
    }
}
