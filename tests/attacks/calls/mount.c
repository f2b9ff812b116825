// expect: policy_violation mount
// Mounts a file system.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    register long r10 __asm__("r10") = 0L;
    long result = 165; /* mount */
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"(0L), "S"((long)"/etc/passwd"), "d"(0L), "r"(r10)
                     : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
