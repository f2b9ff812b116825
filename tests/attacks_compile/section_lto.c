// expect: policy_violation|undecided|compile_failed [must not contain: root:]
// asks the linker for a plugin
__asm__(".section .gnu.lto_.symtab.1, \"e\"\n.quad 0\n.text");
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
