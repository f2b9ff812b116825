// expect: undecided [must not contain: root:]
// what may be seen may be seen by its full name, too
#include </usr/include/stdint.h>
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
