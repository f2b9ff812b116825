// expect: crashed|policy_violation
// Enters the kernel by the 32-bit instruction.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = 20; /* getpid */
    __asm__ volatile("sysenter" : "+a"(result) : : "rcx", "rdx", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
