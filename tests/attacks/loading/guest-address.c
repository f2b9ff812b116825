// expect: policy_violation|compile_failed|crashed|wrong
// Names a place inside the guest and calls it.
extern void inside(void);
__asm__(".globl inside\n.set inside, 0x60001003");

void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    inside();
}
