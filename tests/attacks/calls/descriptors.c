// expect: policy_violation write
// Writes to every descriptor that there might be.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    for (long fd = 0; fd < 10; fd++) {
        long result = 1; /* write */
        __asm__ volatile("syscall"
                         : "+a"(result)
                         : "D"(fd), "S"(x), "d"(4L)
                         : "rcx", "r11", "memory");
    }
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
