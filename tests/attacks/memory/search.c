// expect: crashed reading
// Searches the guest for the sums that are expected.
void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    float wanted = a * x[0] + b * y[0];
    for (const float *at = (const float *)0x60000000; at < (const float *)0x80000000; at++)
        if (*(const volatile float *)at == wanted)
            out[0] = *at;
}
