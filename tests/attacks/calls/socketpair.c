// expect: policy_violation socketpair
// Makes descriptors to talk through.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    register long r10 __asm__("r10") = (long)out;
    long result = 53; /* socketpair */
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"(1L), "S"(1L), "d"(0L), "r"(r10)
                     : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
