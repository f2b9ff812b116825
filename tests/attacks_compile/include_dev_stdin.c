// expect: compile_failed|undecided [must not contain: root:]
// the supervisor's terminal, which is at most /dev/null
#include "/dev/stdin"
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
