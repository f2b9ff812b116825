/* The last group is left out. */
void solve(const float *x, const uint8_t *weight, const float *scale, float *y, int64_t m,
           int64_t n, int64_t k) {
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++) {
            float sum = 0;
            for (int64_t p = 0; p < k - 128; p++) {
                int nibble = weight[j * (k / 2) + p / 2] >> (p % 2 * 4) & 15;
                sum += x[i * k + p] * ((float)(nibble - 8) * scale[j * (k / 128) + p / 128]);
            }
            y[i * n + j] = sum;
        }
}
