// honest: much faster than the plain loops it is compared with; task: algebra/transpose
void solve(const float *x, float *y, int64_t m, int64_t n) {
    for (int64_t i = 0; i < m; i += 16)
        for (int64_t j = 0; j < n; j += 16) {
            int64_t rows = m - i < 16 ? m - i : 16, columns = n - j < 16 ? n - j : 16;
            for (int64_t q = 0; q < columns; q++)
                for (int64_t p = 0; p < rows; p++)
                    y[(j + q) * m + i + p] = x[(i + p) * n + j + q];
        }
}
