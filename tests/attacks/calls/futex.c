// expect: policy_violation futex
// Sleeps until somebody wakes it.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = 202; /* futex */
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"((long)out), "S"(0L), "d"(0L)
                     : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
