// expect: compile_failed [must not contain: root:]
// when
const char when[] = __TIMESTAMP__ __DATE__;
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
