void oracle(const float *a, const float *x, double *y, int64_t m, int64_t n) {
    for (int64_t i = 0; i < m; i++) {
        double sum = 0;
        for (int64_t j = 0; j < n; j++)
            sum += (double)a[i * n + j] * x[j];
        y[i] = sum;
    }
}
