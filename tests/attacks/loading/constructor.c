// expect: policy_violation constructor
// Runs before it is measured.
static volatile int early;
__attribute__((constructor)) static void before(void) {
    early = 1;
}

void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
