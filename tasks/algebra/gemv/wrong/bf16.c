/* Inputs are rounded to bfloat16, sums are not. */
static float rounded(float value) {
    uint32_t bits;
    __builtin_memcpy(&bits, &value, 4);
    bits = (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000u;
    __builtin_memcpy(&value, &bits, 4);
    return value;
}

void solve(const float *a, const float *x, float *y, int64_t m, int64_t n) {
    for (int64_t i = 0; i < m; i++) {
        float sum = 0;
        for (int64_t j = 0; j < n; j++)
            sum += rounded(a[i * n + j]) * rounded(x[j]);
        y[i] = sum;
    }
}
