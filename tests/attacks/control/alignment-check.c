// expect: crashed misaligned
// Has misaligned accesses fault, its own and the guest's.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    __asm__ volatile("pushf\n\torl $0x40000, (%%rsp)\n\tpopf" : : : "cc", "memory");
    *(volatile uint32_t *)((char *)out + 1) = 0;
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
