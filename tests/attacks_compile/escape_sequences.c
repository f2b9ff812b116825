// expect: compile_failed [must not contain: root:]
// what a terminal would obey
#error \033]0;title\007
#error ]0;evil [2J
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
