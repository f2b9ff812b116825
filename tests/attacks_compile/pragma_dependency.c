// expect: undecided|compile_failed [must not contain: current file is older]
// compares dates, and says what it finds
#pragma GCC dependency "/etc/passwd"
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
