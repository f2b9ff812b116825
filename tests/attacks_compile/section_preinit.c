// expect: policy_violation [must not contain: root:]
// code that runs even earlier
__asm__(".section .preinit_array, \"aw\"\n.quad solve\n.text");
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
