// expect: crashed
// Recurses without an end.
__attribute__((noinline)) static float deep(volatile float *at, int64_t n) {
    volatile float more[256];
    more[n & 255] = at[0];
    float below = deep(more, n + 1);
    return below + more[0];
}

void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    out[0] = deep(out, n);
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
