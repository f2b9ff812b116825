// expect: crashed
// Writes beyond the guard band.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
    ((volatile float *)out)[n + (1 << 30)] = 1;
}
