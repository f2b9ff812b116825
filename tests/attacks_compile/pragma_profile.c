// expect: undecided|compile_failed [must not contain: root:]
// reads a profile
#pragma GCC optimize("-fprofile-use=/etc/passwd", "-fauto-profile=/etc/passwd")
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
