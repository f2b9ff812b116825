// expect: undecided|compile_failed [must not contain: root:]
// writes files where it likes
#pragma GCC optimize("-fdump-tree-all=/tmp/hone-dump", "-fopt-info=/tmp/hone-dump")
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
