// expect: policy_violation|undecided [must not contain: root:]
// a note that the kernel reads
__asm__(".section .note.gnu.property, \"a\"\n.long 4, 16, 5\n.asciz \"GNU\"\n.quad 0, 0\n.text");
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
