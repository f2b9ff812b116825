// expect: policy_violation open
// Reads a file of the machine.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = 2; /* open */
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"((long)"/etc/passwd"), "S"(0L), "d"(0L)
                     : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
