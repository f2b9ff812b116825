// expect: wrong
// Computes once and leaves the output alone from then on.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    static int calls;
    if (calls++)
        return;
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
