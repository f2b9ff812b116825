/* Reads a as if it were stored by columns. */
void solve(const float *a, const float *x, float *y, int64_t m, int64_t n) {
    for (int64_t i = 0; i < m; i++) {
        float sum = 0;
        for (int64_t j = 0; j < n; j++)
            sum += a[j * m + i] * x[j];
        y[i] = sum;
    }
}
