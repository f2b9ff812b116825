// honest: keeps what rounding loses, and is far more precise than the baseline; task: algebra/gemv
void solve(const float *a, const float *x, float *y, int64_t m, int64_t n) {
    for (int64_t i = 0; i < m; i++) {
        float sum = 0, lost = 0;
        for (int64_t j = 0; j < n; j++) {
            float term = a[i * n + j] * x[j] - lost, next = sum + term;
            lost = next - sum - term;
            sum = next;
        }
        y[i] = sum;
    }
}
