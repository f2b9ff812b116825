// expect: compile_failed|timed_out [must not contain: root:]
// the assembler complains a million times
__asm__(".rept 1000000\n.warning \"a warning that says nothing, at some length, again and again\"\n.endr\n.error \"done\"");
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
