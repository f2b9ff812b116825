// expect: timed_out
// Computes what is right, but not today.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    for (volatile int64_t i = 0; i < 20000000000; i++)
        ;
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
