// expect: compile_failed|policy_violation|undecided [must not contain: root:]
// a hole of a quarter of a gigabyte
_Alignas(1 << 28) const char big[1] = {1};
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
