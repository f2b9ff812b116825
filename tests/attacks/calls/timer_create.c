// expect: policy_violation timer_create
// Has a signal interrupt the calls that come later.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = 222; /* timer_create */
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"(1L), "S"(0L), "d"((long)out)
                     : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
