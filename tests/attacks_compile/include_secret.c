// expect: compile_failed [must not contain: root:]
// a file that everybody on the machine may read
#include "@SECRET@"
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
