// expect: compile_failed|undecided [must not contain: root:]
// names a file for the debugger
__asm__(".file 1 \"/etc/passwd\"\n.loc 1 1");
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
