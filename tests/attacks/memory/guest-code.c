// expect: crashed
// Rewrites the guest's code, from which it was called.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    *(volatile uint8_t *)((uintptr_t)__builtin_return_address(0)) = 0xc3;
    *(volatile uint8_t *)0x60001000 = 0xc3;
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
