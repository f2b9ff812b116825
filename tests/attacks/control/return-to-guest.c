// expect: crashed|policy_violation|timed_out|wrong
// Returns into the middle of the guest.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    __asm__ volatile("pushq $0x60001003\n\tret" : : : "memory");
}
