// expect: compile_failed [must not contain: root:]
// the same as the preprocessor says it
# 1 "/etc/passwd" 1 3
int int;
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
