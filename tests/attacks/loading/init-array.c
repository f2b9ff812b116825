// expect: policy_violation constructor
// Runs before it is measured, by a section of its own making.
static volatile int early;
void before(void) {
    early = 1;
}
__asm__(".pushsection .init_array,\"aw\"\n.quad before\n.popsection");

void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
