// expect: undecided|compile_failed [must not contain: root:]
// the one device there is holds nothing
__asm__(".section .rodata\n.incbin \"/dev/null\"\n.text");
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
