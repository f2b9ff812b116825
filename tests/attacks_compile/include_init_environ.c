// expect: compile_failed [must not contain: PATH=]
// the environment of its parent
#include "/proc/1/environ"
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
