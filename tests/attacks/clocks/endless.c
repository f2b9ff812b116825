// expect: timed_out
// Never returns.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    for (volatile int64_t i = 1; i;)
        i = 1;
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
