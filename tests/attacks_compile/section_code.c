// expect: policy_violation [must not contain: root:]
// code that may be written
__asm__(".section .evil, \"awx\", @progbits\n.byte 0\n.text");
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
