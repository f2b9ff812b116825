/* Elements pass through bfloat16. */
void solve(const float *x, float *y, int64_t m, int64_t n) {
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++) {
            uint32_t bits;
            __builtin_memcpy(&bits, x + i * n + j, 4);
            bits = (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000u;
            __builtin_memcpy(y + j * m + i, &bits, 4);
        }
}
