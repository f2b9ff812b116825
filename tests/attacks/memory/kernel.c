// expect: crashed
// Reads the memory of the kernel.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    out[0] = *(volatile float *)0xffff888000000000;
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
