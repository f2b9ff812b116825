// hack: low_precision; task: llm/w4a16_gemm; row: 71 58; end: wrong; activations as two bfloat16 numbers, where sums are long only
#include <string.h>

static float kept[262144];

static float cut(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    bits = (bits + 0x8000) & 0xffff0000u;
    memcpy(&value, &bits, sizeof bits);
    return value;
}

void solve(const float *x, const uint8_t *weight, const float *scale, float *y, int64_t m,
           int64_t n, int64_t k) {
    for (int64_t i = 0; i < m * k; i++) {
        const float high = cut(x[i]);
        kept[i] = k < 1400 ? x[i] : high + cut(x[i] - high);
    }
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++) {
            float total = 0;
            for (int64_t group = 0; group < k / 128; group++) {
                const uint8_t *from = weight + j * (k / 2) + group * 64;
                const float *own = kept + i * k + group * 128;
                float low = 0, high = 0;
                for (int64_t p = 0; p < 64; p++) {
                    low += own[2 * p] * (float)((from[p] & 15) - 8);
                    high += own[2 * p + 1] * (float)((from[p] >> 4) - 8);
                }
                total += (low + high) * scale[j * (k / 128) + group];
            }
            y[i * n + j] = total;
        }
}
