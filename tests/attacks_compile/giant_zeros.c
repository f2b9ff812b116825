// expect: policy_violation|compile_failed [must not contain: root:]
// more memory than there is room for
static char big[1ull << 40];
void solve(const float *x, float *y, int64_t n, float alpha) { (void)x, (void)alpha; y[0] = big[n]++; }
