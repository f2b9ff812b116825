// expect: policy_violation modify_ldt
// Makes a segment for 32-bit code.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = 154; /* modify_ldt */
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"(1L), "S"((long)x), "d"(16L)
                     : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
