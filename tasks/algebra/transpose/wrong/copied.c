/* Copies the elements in the order in which they lie. */
void solve(const float *x, float *y, int64_t m, int64_t n) {
    for (int64_t i = 0; i < m * n; i++)
        y[i] = x[i];
}
