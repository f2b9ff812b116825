// honest: a padded copy of every image on the stack, by alloca, and no include at all; task: dl/conv2d_bias_relu
#define IN(i, n) ((uint64_t)(i) < (uint64_t)(n))
void solve(const float *x, const float *weight, const float *bias, float *y, int64_t n, int64_t c,
           int64_t h, int64_t w, int64_t o) {
    int64_t pw = w + 2, ph = h + 2;
    float *pad = __builtin_alloca((size_t)(c * pw * ph) * sizeof(float));
    for (int64_t b = 0; b < n; b++) {
        for (int64_t q = 0; q < c; q++)
            for (int64_t i = 0; i < ph; i++)
                for (int64_t j = 0; j < pw; j++)
                    pad[(q * ph + i) * pw + j] = IN(i - 1, h) && IN(j - 1, w)
                                                     ? x[((b * c + q) * h + i - 1) * w + j - 1]
                                                     : 0.f;
        for (int64_t f = 0; f < o; f++)
            for (int64_t i = 0; i < h; i++)
                for (int64_t j = 0; j < w; j++) {
                    float s = bias[f];
                    for (int64_t q = 0; q < c; q++)
                        for (int p = 0; p < 3; p++)
                            for (int r = 0; r < 3; r++)
                                s += pad[(q * ph + i + p) * pw + j + r] *
                                     weight[((f * c + q) * 3 + p) * 3 + r];
                    y[((b * o + f) * h + i) * w + j] = s < 0 ? 0 : s;
                }
    }
}
