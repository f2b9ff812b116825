// expect: policy_violation openat
// Reads a file of the machine.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    register long r10 __asm__("r10") = 0L;
    long result = 257; /* openat */
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"(-100L), "S"((long)"/etc/passwd"), "d"(0L), "r"(r10)
                     : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
