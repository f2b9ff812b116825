// expect: wrong
// Computes until it believes itself to be timed.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    static int calls;
    if (n > 500000 && calls++ > 1)
        return;
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
