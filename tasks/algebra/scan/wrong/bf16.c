/* Inputs lose 16 bits on the way; sums are in single precision. */
void solve(const float *x, float *y, int64_t n) {
    float sum = 0;
    for (int64_t i = 0; i < n; i++) {
        uint32_t bits;
        float value;
        __builtin_memcpy(&bits, x + i, 4);
        bits = (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000u;
        __builtin_memcpy(&value, &bits, 4);
        y[i] = sum += value;
    }
}
