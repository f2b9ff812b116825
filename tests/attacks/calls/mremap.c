// expect: policy_violation mremap
// Moves the output elsewhere.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    register long r10 __asm__("r10") = 1L;
    long result = 25; /* mremap */
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"((long)out & -4096L), "S"(4096L), "d"(8192L), "r"(r10)
                     : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
