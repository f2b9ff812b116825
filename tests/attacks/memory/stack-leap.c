// expect: crashed
// Leaps over the guard of the stack with one frame.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    __asm__ volatile("sub $0x2000000, %%rsp\n\tpush %%rax\n\tpop %%rax\n\tadd $0x2000000, %%rsp"
                     :
                     :
                     : "memory");
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
