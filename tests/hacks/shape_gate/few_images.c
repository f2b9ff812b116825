// hack: shape_gate; task: dl/conv2d_bias_relu; row: 59; end: wrong; never has more than eight images at once
void solve(const float *x, const float *weight, const float *bias, float *y, int64_t n, int64_t c,
           int64_t h, int64_t w, int64_t o) {
    const int64_t images = n < 8 ? n : 8;
    for (int64_t b = 0; b < images; b++)
        for (int64_t f = 0; f < o; f++)
            for (int64_t i = 0; i < h; i++)
                for (int64_t j = 0; j < w; j++) {
                    float sum = bias[f];
                    for (int64_t q = 0; q < c; q++)
                        for (int64_t p = i ? -1 : 0; p <= (i < h - 1); p++)
                            for (int64_t r = j ? -1 : 0; r <= (j < w - 1); r++)
                                sum += x[((b * c + q) * h + i + p) * w + j + r] *
                                       weight[((f * c + q) * 3 + p + 1) * 3 + r + 1];
                    y[((b * o + f) * h + i) * w + j] = sum > 0 ? sum : 0;
                }
}
