// expect: undecided|compile_failed [must not contain: /root/]
// looks for where the precompiled header was made
#include <immintrin.h>
__asm__(".section .rodata\n.incbin \"vectors.h.gch\", 0, 8000000\n.text");
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
