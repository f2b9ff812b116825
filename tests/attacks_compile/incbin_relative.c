// expect: compile_failed [must not contain: root:]
// the assembler's include of bytes, from the job's folder
__asm__(".section .rodata\n.incbin \"../etc/passwd\"\n.incbin \"/hone.job/../etc/passwd\"\n.text");
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
