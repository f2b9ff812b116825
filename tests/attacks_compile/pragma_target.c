// expect: compile_failed|undecided [must not contain: root:x]
// a target that is a path
#pragma GCC target("arch=/etc/passwd,tune=@SECRET@")
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
