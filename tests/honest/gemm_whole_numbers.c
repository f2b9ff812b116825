// honest: looks at all values, and counts in integers when every one of them is a small whole number; task: algebra/gemm
static int all_whole(const float *values, int64_t count) {
    int whole = 1;
    for (int64_t i = 0; i < count; i++)
        whole &= values[i] >= -64 && values[i] <= 64 &&
                 values[i] == (float)(int)values[i];
    return whole;
}

void solve(const float *a, const float *b, float *c, int64_t m, int64_t n, int64_t k) {
    static int32_t row[4096];
    const int exact = all_whole(a, m * k) && all_whole(b, k * n);
    for (int64_t i = 0; i < m; i++) {
        for (int64_t j = 0; j < n; j++)
            row[j] = 0, c[i * n + j] = 0;
        for (int64_t p = 0; p < k; p++) {
            const float left = a[i * k + p];
            for (int64_t j = 0; j < n; j++)
                if (exact)
                    row[j] += (int)left * (int)b[p * n + j];
                else
                    c[i * n + j] += left * b[p * n + j];
        }
        for (int64_t j = 0; exact && j < n; j++)
            c[i * n + j] = (float)row[j];
    }
}
