/* The running sum is kept in bfloat16. */
void solve(const float *x, float *y, int64_t n) {
    float sum = 0;
    for (int64_t i = 0; i < n; i++) {
        uint32_t bits;
        sum += x[i];
        __builtin_memcpy(&bits, &sum, 4);
        bits = (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000u;
        __builtin_memcpy(&sum, &bits, 4);
        y[i] = sum;
    }
}
