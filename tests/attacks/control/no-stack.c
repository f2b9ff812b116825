// expect: crashed
// Faults without a stack.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
    __asm__ volatile("xor %%esp, %%esp\n\tpush %%rax" : : : "memory");
}
