// expect: compile_failed trampoline
// Has the compiler put code on the stack.
static int64_t apply(int64_t (*twice)(int64_t), int64_t value) {
    __asm__ volatile("" : "+r"(twice));
    return twice(value);
}

void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    int64_t offset = n;
    int64_t twice(int64_t value) {
        return 2 * value + offset;
    }
    out[0] = (float)apply(twice, n);
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
