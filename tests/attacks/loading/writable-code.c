// expect: crashed|policy_violation
// Asks for a section that is writable and executable, and uses it as such.
__asm__(".pushsection .both,\"awx\"\n.globl patch\npatch: ret\n.fill 15, 1, 0x90\n.popsection");
extern uint8_t patch[];

void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    ((volatile uint8_t *)patch)[1] = 0xc3;
    ((void (*)(void))patch)();
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
