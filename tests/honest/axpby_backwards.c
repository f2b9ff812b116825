// honest: writes from the end to the beginning; task: algebra/axpby
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    for (int64_t i = n; i-- > 0;)
        out[i] = a * x[i] + b * y[i];
}
