// expect: compile_failed|policy_violation|undecided [must not contain: root:]
// the program's entry is ours
__asm__(".globl _start\n_start: nop");
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
