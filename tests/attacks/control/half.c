// expect: wrong
// Computes every second element.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    for (int64_t i = 0; i < n; i += 2)
        out[i] = a * x[i] + b * y[i];
}
