/* Eight rows at a time, and none of the rest. */
void solve(const int32_t *index, const float *v, float *y, int64_t n, int64_t d, int64_t s) {
    for (int64_t i = 0; i < s * d; i++)
        y[i] = 0;
    for (int64_t i = 0; i < n / 8 * 8; i++)
        for (int64_t j = 0; j < d; j++)
            y[index[i] * d + j] += v[i * d + j];
}
