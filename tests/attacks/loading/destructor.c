// expect: policy_violation constructor
// Runs after it was measured.
static volatile int late;
__attribute__((destructor)) static void after(void) {
    late = 1;
}

void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
