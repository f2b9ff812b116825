// expect: compile_failed [must not contain: TMPDIR]
// the assembler's environment
__asm__(".section .rodata\n.incbin \"/proc/self/environ\"\n.text");
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
