// expect: policy_violation rt_sigaction
// Takes the fault handler over.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    register long r10 __asm__("r10") = 8L;
    long result = 13; /* rt_sigaction */
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"(11L), "S"((long)x), "d"(0L), "r"(r10)
                     : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
