// expect: undecided|policy_violation [must not contain: root:]
// the oldest way: without a start-up file, code like any other
__asm__(".section .init, \"ax\"\nnop\n.text");
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
