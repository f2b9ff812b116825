// expect: undecided|policy_violation|compile_failed [must not contain: root:]
// a text that the linker says for us
__asm__(".section .gnu.warning.solve, \"\"\n.string \"hone refuses constructors\"\n.text");
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
