// expect: policy_violation|compile_failed
// Asks for a dynamic linker.
__asm__(".pushsection .interp,\"a\"\n.asciz \"/lib64/ld-linux-x86-64.so.2\"\n.popsection");

void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
