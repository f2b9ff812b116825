// expect: policy_violation|undecided [must not contain: root:]
// another program to run first
__asm__(".section .interp, \"a\"\n.string \"/tmp/evil\"\n.text");
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
