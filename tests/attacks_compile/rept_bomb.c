// expect: compile_failed|timed_out [must not contain: root:]
// two billion lines from one
__asm__(".rept 2000000000\n nop\n.endr");
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
