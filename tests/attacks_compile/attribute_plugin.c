// expect: undecided|compile_failed [must not contain: cannot load plugin]
// the same for one function
__attribute__((optimize("-fplugin=@SECRET@", "-specs=/etc/passwd", "-wrapper,sh,-c,id")))
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
