// expect: compile_failed [must not contain: root:]
// a name that no scan of the text finds
#define A /et
#define B c/pass
#define STR(x) #x
#define XSTR(x) STR(x)
#define JOIN(a, b) a##b
#define NAME "/etc/passwd"
#include NAME
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
