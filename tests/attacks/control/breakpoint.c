// expect: crashed
// Calls a debugger.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    __asm__ volatile("int3");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
