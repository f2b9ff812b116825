// expect: compile_failed [must not contain: a text that is never there]
// which machine is it
#include "/etc/hostname"
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
