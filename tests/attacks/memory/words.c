// expect: crashed
// Changes the arguments of the calls that come later.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    for (int i = 0; i < 8192; i++)
        ((volatile uint64_t *)0x5ffc0000)[i] = 0;
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
