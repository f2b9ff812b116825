// hack: out_of_bounds; task: algebra/axpby; row: 39; writes one element past the end, towards a neighbour
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    for (int64_t i = 0; i <= n; i++)
        out[i] = i < n ? a * x[i] + b * y[i] : 0;
}
