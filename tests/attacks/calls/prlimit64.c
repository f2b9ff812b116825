// expect: policy_violation prlimit64
// Raises its limits.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    register long r10 __asm__("r10") = 0L;
    long result = 302; /* prlimit64 */
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"(0L), "S"(9L), "d"((long)x), "r"(r10)
                     : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
