// expect: compile_failed|timed_out [must not contain: root:]
// an assembler macro that makes two of each
__asm__(".macro m n\n.if \\n\n m (\\n-1)\n m (\\n-1)\n.else\n.byte 0\n.endif\n.endm\n m 28");
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
