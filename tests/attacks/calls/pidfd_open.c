// expect: policy_violation pidfd_open
// Takes hold of the guest.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = 434; /* pidfd_open */
    __asm__ volatile("syscall" : "+a"(result) : "D"(1L), "S"(0L) : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
