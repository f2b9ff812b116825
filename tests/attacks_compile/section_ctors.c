// expect: policy_violation [must not contain: root:]
// the old way to run outside the calls
__asm__(".section .ctors, \"aw\"\n.quad solve\n.text");
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
