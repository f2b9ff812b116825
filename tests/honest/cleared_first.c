// honest: a plan step that only clears the output, another for a tail that is often empty; task: algebra/gemv
//@hone call clear args=(y, m)
//@hone call columns args=(a, x, y, m, n)
//@hone call tail args=(a, x, y, m, n)
void clear(float *y, int64_t m) {
    for (int64_t i = 0; i < m; i++)
        y[i] = 0;
}

void columns(const float *a, const float *x, float *y, int64_t m, int64_t n) {
    for (int64_t i = 0; i < m; i++) {
        float sums[8] = {0};
        for (int64_t j = 0; j + 8 <= n; j += 8)
            for (int64_t k = 0; k < 8; k++)
                sums[k] += a[i * n + j + k] * x[j + k];
        for (int64_t k = 0; k < 8; k++)
            y[i] += sums[k];
    }
}

void tail(const float *a, const float *x, float *y, int64_t m, int64_t n) {
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = n / 8 * 8; j < n; j++)
            y[i] += a[i * n + j] * x[j];
}
