/* Tiles change places, but whole tiles keep their elements as they were. */
void solve(const float *x, float *y, int64_t m, int64_t n) {
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++) {
            int64_t r = i / 8 * 8, c = j / 8 * 8;
            if (r + 8 <= m && c + 8 <= n)
                y[(c + i - r) * m + r + j - c] = x[i * n + j];
            else
                y[j * m + i] = x[i * n + j];
        }
}
