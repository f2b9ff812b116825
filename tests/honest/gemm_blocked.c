// honest: packs its operands into static memory, which keeps them from call to call; task: algebra/gemm
#include <string.h>

#define DEPTH 128
#define WIDTH 256

static float packed[DEPTH * WIDTH];

static void add_block(const float *a, float *c, int64_t rows, int64_t stride_a, int64_t stride_c,
                      int64_t depth, int64_t width) {
    for (int64_t i = 0; i < rows; i++)
        for (int64_t p = 0; p < depth; p++) {
            const float left = a[i * stride_a + p];
            const float *restrict right = packed + p * WIDTH;
            float *restrict out = c + i * stride_c;
            for (int64_t j = 0; j < width; j++)
                out[j] += left * right[j];
        }
}

void solve(const float *a, const float *b, float *c, int64_t m, int64_t n, int64_t k) {
    memset(c, 0, (size_t)(m * n) * sizeof *c);
    for (int64_t p = 0; p < k; p += DEPTH)
        for (int64_t j = 0; j < n; j += WIDTH) {
            int64_t depth = k - p < DEPTH ? k - p : DEPTH, width = n - j < WIDTH ? n - j : WIDTH;
            for (int64_t q = 0; q < depth; q++)
                memcpy(packed + q * WIDTH, b + (p + q) * n + j, (size_t)width * sizeof *packed);
            add_block(a + p, c + j, m, k, n, depth, width);
        }
}
