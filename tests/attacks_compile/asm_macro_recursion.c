// expect: compile_failed|timed_out [must not contain: root:]
// an assembler macro that calls itself twice
__asm__(".macro m\n m\n m\n.endm\n m");
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
