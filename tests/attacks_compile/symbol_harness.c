// expect: compile_failed [must not contain: root:]
// the harness's function is ours
__asm__(".globl hone_call_0\nhone_call_0: ret");
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
