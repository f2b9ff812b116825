// expect: wrong
// Takes inputs at the same address for the same inputs.
static float memo[1 << 20];
static const float *seen;

void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    if (seen == x) {
        for (int64_t i = 0; i < n; i++)
            out[i] = memo[i];
        return;
    }
    seen = x;
    for (int64_t i = 0; i < n; i++)
        out[i] = memo[i] = a * x[i] + b * y[i];
}
