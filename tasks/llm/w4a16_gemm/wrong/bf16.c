/* Activations are rounded to bfloat16, sums are not. */
static float rounded(float value) {
    uint32_t bits;
    __builtin_memcpy(&bits, &value, 4);
    bits = (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000u;
    __builtin_memcpy(&value, &bits, 4);
    return value;
}

void solve(const float *x, const uint8_t *weight, const float *scale, float *y, int64_t m,
           int64_t n, int64_t k) {
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++) {
            float sum = 0;
            for (int64_t p = 0; p < k; p++) {
                int nibble = weight[j * (k / 2) + p / 2] >> (p % 2 * 4) & 15;
                sum +=
                    rounded(x[i * k + p]) * ((float)(nibble - 8) * scale[j * (k / 128) + p / 128]);
            }
            y[i * n + j] = sum;
        }
}
