// expect: policy_violation|undecided|compile_failed [must not contain: root:]
// asks for a stack to run code on
__asm__(".section .note.GNU-stack, \"x\", @progbits\n.text");
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
