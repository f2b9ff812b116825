// expect: crashed input
// Changes an input, so that a lazy oracle would agree.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        ((float *)x)[i] = 0;
    for (int64_t i = 0; i < n; i++)
        out[i] = b * y[i];
}
