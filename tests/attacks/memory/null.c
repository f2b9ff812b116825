// expect: crashed null
// Writes through a null pointer.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    *(volatile float *)8 = 1;
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
