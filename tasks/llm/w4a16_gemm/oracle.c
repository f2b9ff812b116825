void oracle(const float *x, const uint8_t *weight, const float *scale, double *y, int64_t m,
            int64_t n, int64_t k) {
    double row[16384]; /* of weights */
    for (int64_t j = 0; j < n; j++) {
        for (int64_t p = 0; p < k; p++) {
            int nibble = weight[j * (k / 2) + p / 2] >> (p % 2 * 4) & 15;
            row[p] = (nibble - 8) * (double)scale[j * (k / 128) + p / 128];
        }
        for (int64_t i = 0; i < m; i++) {
            double even = 0, odd = 0;
            for (int64_t p = 0; p < k; p += 2) {
                even += x[i * k + p] * row[p];
                odd += x[i * k + p + 1] * row[p + 1];
            }
            y[i * n + j] = even + odd;
        }
    }
}
