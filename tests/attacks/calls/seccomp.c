// expect: policy_violation seccomp
// Puts a filter of its own above ours.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = 317; /* seccomp */
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"(1L), "S"(0L), "d"((long)x)
                     : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
