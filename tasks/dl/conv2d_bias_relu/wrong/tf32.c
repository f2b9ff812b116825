/* Images and filters are rounded to 10 bits of fraction, as a tensor core does in tf32. */
static float rounded(float value) {
    uint32_t bits;
    __builtin_memcpy(&bits, &value, 4);
    bits = (bits + 0x0fff + (bits >> 13 & 1)) & 0xffffe000u;
    __builtin_memcpy(&value, &bits, 4);
    return value;
}

void solve(const float *x, const float *weight, const float *bias, float *y, int64_t n, int64_t c,
           int64_t h, int64_t w, int64_t o) {
    for (int64_t b = 0; b < n; b++)
        for (int64_t f = 0; f < o; f++)
            for (int64_t i = 0; i < h; i++)
                for (int64_t j = 0; j < w; j++) {
                    float sum = bias[f];
                    for (int64_t q = 0; q < c; q++)
                        for (int64_t p = 0; p < 3; p++)
                            for (int64_t r = 0; r < 3; r++) {
                                int64_t row = i + p - 1, column = j + r - 1;
                                if (row < 0 || row >= h || column < 0 || column >= w)
                                    continue;
                                sum += rounded(x[((b * c + q) * h + row) * w + column]) *
                                       rounded(weight[((f * c + q) * 3 + p) * 3 + r]);
                            }
                    y[((b * o + f) * h + i) * w + j] = sum > 0 ? sum : 0;
                }
}
