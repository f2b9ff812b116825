// expect: compile_failed|timed_out|undecided [must not contain: root:]
// registers that nobody has
typedef float wide __attribute__((vector_size(1 << 20)));
wide add(wide a, wide b) { return a * b + a; }
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
