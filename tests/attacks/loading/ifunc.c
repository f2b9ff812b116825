// expect: policy_violation ifunc
// Has a resolver run while it is loaded.
static void one(void) {
}
static void (*resolve(void))(void) {
    return one;
}
void chosen(void) __attribute__((ifunc("resolve")));

void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    chosen();
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
