// expect: policy_violation ABI
// Asks for its pid by a number of another ABI.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = 0x40000027L; /* x32-number */
    __asm__ volatile("syscall" : "+a"(result) : "D"(0L) : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
