// expect: policy_violation arch_prctl
// Moves the thread's own storage.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = 158; /* arch_prctl */
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"(0x1002L), "S"((long)out)
                     : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
