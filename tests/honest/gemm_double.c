// honest: more precise than any other, for it adds in double precision; task: algebra/gemm
void solve(const float *a, const float *b, float *c, int64_t m, int64_t n, int64_t k) {
    static double row[4096];
    for (int64_t i = 0; i < m; i++) {
        for (int64_t j = 0; j < n; j++)
            row[j] = 0;
        for (int64_t p = 0; p < k; p++)
            for (int64_t j = 0; j < n; j++)
                row[j] += (double)a[i * k + p] * (double)b[p * n + j];
        for (int64_t j = 0; j < n; j++)
            c[i * n + j] = (float)row[j];
    }
}
