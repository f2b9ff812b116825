// expect: policy_violation mmap
// Gets memory to put code into.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    register long r10 __asm__("r10") = 0x22L;
    register long r8 __asm__("r8") = -1L;
    register long r9 __asm__("r9") = 0L;
    long result = 9; /* mmap-executable */
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"(0L), "S"(4096L), "d"(7L), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
