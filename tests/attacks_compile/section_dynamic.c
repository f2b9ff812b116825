// expect: policy_violation|undecided [must not contain: root:]
// a library to load
__asm__(".section .dynamic, \"aw\"\n.quad 1, 1, 0, 0\n.text");
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
