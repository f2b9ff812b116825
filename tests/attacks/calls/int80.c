// expect: policy_violation ABI
// Asks for its pid by the 32-bit gate.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = 20; /* getpid */
    __asm__ volatile("int $0x80" : "+a"(result) : : "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
