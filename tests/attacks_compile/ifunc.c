// expect: policy_violation [must not contain: root:]
// code that runs when it is linked
static void one(void) {}
static void (*pick(void))(void) { return one; }
void chosen(void) __attribute__((ifunc("pick")));
void solve(const float *x, float *y, int64_t n, float alpha) { (void)x, (void)alpha, (void)n; y[0] = 1; chosen(); }
