// expect: compile_failed|timed_out [must not contain: root:]
// a thousand thousand thousand times
__asm__(".rept 1000\n.rept 1000\n.rept 1000\n.byte 1\n.endr\n.endr\n.endr");
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
