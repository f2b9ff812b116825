// expect: undecided [must not contain: found]
// is there a file of this name
#if __has_include("@SECRET@")
#error found
#endif
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
