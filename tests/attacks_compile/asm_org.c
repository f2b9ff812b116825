// expect: compile_failed|policy_violation [must not contain: root:]
// a jump over two gigabytes
__asm__(".section .rodata\n.org 0x7fffffff\n.byte 1\n.text");
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
