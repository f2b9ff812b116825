// expect: compile_failed|policy_violation
// Puts a function of its own in the place of the harness's.
void hone_call_0(const uint64_t *words) {
    (void)words;
}

void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
