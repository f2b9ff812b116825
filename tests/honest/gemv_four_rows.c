// honest: four rows at once, so that x is read a quarter as often as the cost says; task: algebra/gemv
void solve(const float *a, const float *x, float *y, int64_t m, int64_t n) {
    int64_t i = 0;
    for (; i + 4 <= m; i += 4) {
        float sum[4] = {0, 0, 0, 0};
        for (int64_t j = 0; j < n; j++)
            for (int r = 0; r < 4; r++)
                sum[r] += a[(i + r) * n + j] * x[j];
        for (int r = 0; r < 4; r++)
            y[i + r] = sum[r];
    }
    for (; i < m; i++) {
        float sum = 0;
        for (int64_t j = 0; j < n; j++)
            sum += a[i * n + j] * x[j];
        y[i] = sum;
    }
}
