// expect: compile_failed [must not contain: root:]
// memory as a file
__asm__(".section .rodata\n.incbin \"/proc/self/mem\"\n.incbin \"/dev/mem\"\n.text");
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
