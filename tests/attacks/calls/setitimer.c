// expect: policy_violation setitimer
// Has a signal interrupt the calls that come later.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = 38; /* setitimer */
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"(0L), "S"((long)x), "d"(0L)
                     : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
