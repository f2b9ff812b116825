/* The sum of one row goes on into the next. */
void solve(const float *a, const float *x, float *y, int64_t m, int64_t n) {
    float sum = 0;
    for (int64_t i = 0; i < m; i++) {
        for (int64_t j = 0; j < n; j++)
            sum += a[i * n + j] * x[j];
        y[i] = sum;
    }
}
