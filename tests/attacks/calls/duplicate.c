// expect: policy_violation dup2
// Puts another descriptor in the place of the guest's.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    for (long fd = 0; fd < 10; fd++) {
        long result = 33; /* dup2 */
        __asm__ volatile("syscall" : "+a"(result) : "D"(fd), "S"(3L) : "rcx", "r11", "memory");
    }
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
