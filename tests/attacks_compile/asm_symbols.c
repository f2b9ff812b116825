// expect: undecided|compile_failed|timed_out [must not contain: root:]
// names by the hundred thousand
__asm__(".altmacro\n.macro m n\nname_\\n:\n.endm\n.set i, 0\n.rept 100000\n m %i\n.set i, i + 1\n.endr");
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
