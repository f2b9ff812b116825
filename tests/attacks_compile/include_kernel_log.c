// expect: compile_failed [must not contain: Linux version]
// what the kernel says
#include "/dev/kmsg"
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
