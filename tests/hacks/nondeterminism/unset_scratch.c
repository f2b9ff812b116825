// hack: nondeterminism; task: algebra/scan; row: 41 65; end: wrong; adds to scratch memory that nobody set
//@hone workspace sums f32[ceil_div(n, 256)]
//@hone call solve args=(x, y, sums, n)
void solve(const float *x, float *y, float *sums, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        sums[i / 256] += x[i];
    float before = 0;
    for (int64_t i = 0; i < n; i += 256) {
        float sum = before;
        for (int64_t j = i; j < n && j < i + 256; j++)
            y[j] = sum += x[j];
        before += sums[i / 256];
    }
}
