// expect: compile_failed|timed_out [must not contain: root:]
// a range of initialisers
struct p { char *a; int b; };
struct p big[1 << 26] = {[0 ... (1 << 26) - 1] = {"x", 1}};
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
