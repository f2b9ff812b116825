// expect: policy_violation bpf
// Puts a program into the kernel.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = 321; /* bpf */
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"(0L), "S"((long)x), "d"(8L)
                     : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
