// honest: a table of 256 pairs instead of arithmetic, as const data; task: llm/w4a16_gemm
#define ROW(h)                                                                                     \
    {-8, h}, {-7, h}, {-6, h}, {-5, h}, {-4, h}, {-3, h}, {-2, h}, {-1, h}, {0, h}, {1, h},        \
        {2, h}, {3, h}, {4, h}, {5, h}, {6, h}, {7, h}
static const float pairs[256][2] = {ROW(-8), ROW(-7), ROW(-6), ROW(-5), ROW(-4), ROW(-3),
                                    ROW(-2), ROW(-1), ROW(0),  ROW(1),  ROW(2),  ROW(3),
                                    ROW(4),  ROW(5),  ROW(6),  ROW(7)};

void solve(const float *x, const uint8_t *weight, const float *scale, float *y, int64_t m,
           int64_t n, int64_t k) {
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++) {
            float sum = 0;
            for (int64_t group = 0; group < k / 128; group++) {
                const float *in = x + i * k + group * 128;
                const uint8_t *bytes = weight + j * (k / 2) + group * 64;
                float part = 0;
                for (int p = 0; p < 64; p++)
                    part += in[2 * p] * pairs[bytes[p]][0] + in[2 * p + 1] * pairs[bytes[p]][1];
                sum += part * scale[j * (k / 128) + group];
            }
            y[i * n + j] = sum;
        }
}
