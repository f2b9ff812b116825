// honest: static scratch whose size is a product, which is no pointer; task: dl/conv2d_bias_relu
static float turned[9 * 32768], line[2 * 256];

/* Weights with the filter last, so that a pixel's filters are one vector. */
void solve(const float *x, const float *weight, const float *bias, float *y, int64_t n, int64_t c,
           int64_t h, int64_t w, int64_t o) {
    for (int64_t f = 0; f < o; f++)
        for (int64_t q = 0; q < c * 9; q++)
            turned[q * o + f] = weight[f * c * 9 + q];
    for (int64_t b = 0; b < n; b++)
        for (int64_t i = 0; i < h; i++)
            for (int64_t j = 0; j < w; j++) {
                for (int64_t f = 0; f < o; f++)
                    line[f] = bias[f];
                for (int64_t q = 0; q < c; q++)
                    for (int64_t p = 0; p < 3; p++)
                        for (int64_t r = 0; r < 3; r++) {
                            const int64_t row = i + p - 1, column = j + r - 1;
                            if (row < 0 || row >= h || column < 0 || column >= w)
                                continue;
                            const float value = x[((b * c + q) * h + row) * w + column];
                            const float *at = turned + (q * 9 + p * 3 + r) * o;
                            for (int64_t f = 0; f < o; f++)
                                line[f] += value * at[f];
                        }
                for (int64_t f = 0; f < o; f++)
                    y[((b * o + f) * h + i) * w + j] = line[f] > 0 ? line[f] : 0;
            }
}
