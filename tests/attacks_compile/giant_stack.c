// expect: undecided|compile_failed [must not contain: root:]
// a frame of a terabyte
void deep(void) { volatile char big[1ull << 40]; big[0] = 1; }
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
