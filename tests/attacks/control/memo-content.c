// expect: wrong
// Takes inputs that look the same for the same inputs.
static float memo[1 << 20];
static int64_t seen = -1;

void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    int64_t key = n * 2 + (x[0] > 0);
    if (seen == key) {
        for (int64_t i = 0; i < n; i++)
            out[i] = memo[i];
        return;
    }
    seen = key;
    for (int64_t i = 0; i < n; i++)
        out[i] = memo[i] = a * x[i] + b * y[i];
}
