// expect: crashed
// Runs code that it wrote into a variable.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    static uint8_t code[16] = {0xc3};
    ((void (*)(void))code)();
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
