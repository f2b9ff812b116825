// expect: policy_violation [must not contain: root:]
// a section of thread-local variables
__asm__(".section .tdata, \"awT\", @progbits\n.quad 1\n.text");
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
