// expect: policy_violation limit
// Takes more static memory than the task allows.
static float room[1 << 28];

void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    room[n] = a;
    out[0] = ((volatile float *)room)[n];
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
