// expect: policy_violation sigaltstack
// Asks for the fault handler's stack.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    long result = 131; /* sigaltstack */
    __asm__ volatile("syscall" : "+a"(result) : "D"(0L), "S"((long)out) : "rcx", "r11", "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
