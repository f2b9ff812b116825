// expect: undecided|compile_failed [must not contain: cannot load plugin]
// loads code into the compiler
#pragma GCC optimize("-fplugin=@SECRET@")
#pragma GCC optimize("fplugin=@SECRET@")
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
