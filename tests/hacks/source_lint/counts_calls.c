// hack: source_lint; task: algebra/axpby; row: 9; end: warned
/* Counts calls, and so far does nothing with the number. */
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    static volatile long call_count;
    call_count++;
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
