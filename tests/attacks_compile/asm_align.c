// expect: compile_failed|policy_violation|undecided [must not contain: root:]
// a hole of a gigabyte
__asm__(".section .rodata\n.balign 0x40000000\n.byte 1\n.text");
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
