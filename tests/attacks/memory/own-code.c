// expect: crashed
// Rewrites its own code.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    ((volatile uint8_t *)solve)[0] = 0xc3;
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
