// expect: compile_failed|policy_violation [must not contain: root:]
// a gigabyte of sevens
__asm__(".section .rodata\n.fill 0x40000000, 1, 7\n.text");
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
