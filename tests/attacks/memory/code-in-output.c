// expect: crashed
// Runs code that it wrote into its output.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    *(volatile uint8_t *)out = 0xc3;
    ((void (*)(void))out)();
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
