// expect: crashed
// Jumps to the words of its calls.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    ((void (*)(void))0x5ffc0000)();
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
