// expect: compile_failed|timed_out [must not contain: root:]
// reads itself, again and again
__asm__(".include \"solve.c\"");
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
