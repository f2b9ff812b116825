// expect: policy_violation pidfd_getfd
// Takes the guest's socket.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = 438; /* pidfd_getfd */
    __asm__ volatile("syscall" : "+a"(result) : "D"(0L), "S"(3L), "d"(0L) : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
