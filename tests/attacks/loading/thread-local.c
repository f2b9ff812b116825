// expect: policy_violation thread-local
// Keeps variables where the guest keeps its own.
static _Thread_local volatile int calls;

void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    calls++;
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
