// honest: fast paths for the shapes it expects, and a right answer for all others; task: algebra/gemm
static inline __attribute__((always_inline)) void multiply(const float *a, const float *b, float *c,
                                                           int64_t m, int64_t n, int64_t k) {
    for (int64_t i = 0; i < m; i++) {
        for (int64_t j = 0; j < n; j++)
            c[i * n + j] = 0;
        for (int64_t p = 0; p < k; p++)
            for (int64_t j = 0; j < n; j++)
                c[i * n + j] += a[i * k + p] * b[p * n + j];
    }
}

void solve(const float *a, const float *b, float *c, int64_t m, int64_t n, int64_t k) {
    if (m == 256 && n == 256 && k == 256)
        multiply(a, b, c, 256, 256, 256);
    else if (m == 250 && n == 333 && k == 389)
        multiply(a, b, c, 250, 333, 389);
    else
        multiply(a, b, c, m, n, k);
}
