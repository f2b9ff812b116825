// expect: crashed
// Calls a function that is nowhere.
void nowhere(void) __attribute__((weak));

void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    nowhere();
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
