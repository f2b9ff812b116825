// expect: policy_violation prctl
// Puts a filter of its own above ours, the old way.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = 157; /* prctl-seccomp */
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"(22L), "S"(2L), "d"((long)x)
                     : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
