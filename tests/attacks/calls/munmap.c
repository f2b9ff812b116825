// expect: policy_violation munmap
// Unmaps an input.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = 11; /* munmap */
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"((long)x & -4096L), "S"(4096L)
                     : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
