// expect: policy_violation [must not contain: root:]
// code that runs before the calls
static volatile int early;
__attribute__((constructor)) static void run(void) { early = 1; }
void solve(const float *x, float *y, int64_t n, float alpha) {
    for (int64_t i = 0; i < n; i++)
        y[i] = alpha * x[i];
}
