/* Believes that the rows of a segment lie together: a later stretch replaces an earlier one. */
void solve(const int32_t *index, const float *v, float *y, int64_t n, int64_t d, int64_t s) {
    for (int64_t i = 0; i < s * d; i++)
        y[i] = 0;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < d; j++) {
            float *sum = &y[index[i] * d + j];
            *sum = (i > 0 && index[i - 1] == index[i] ? *sum : 0) + v[i * d + j];
        }
}
