// expect: compile_failed|timed_out [must not contain: root:]
// one error with a very long story
#define M0(x) x + undeclared
#define M1(x) M0(x) + M0(x)
#define M2(x) M1(x) + M1(x)
#define M3(x) M2(x) + M2(x)
#define M4(x) M3(x) + M3(x)
#define M5(x) M4(x) + M4(x)
#define M6(x) M5(x) + M5(x)
#define M7(x) M6(x) + M6(x)
#define M8(x) M7(x) + M7(x)
#define M9(x) M8(x) + M8(x)
#define M10(x) M9(x) + M9(x)
#define M11(x) M10(x) + M10(x)
int f(int x) { return M11(x); }
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
