// honest: bfloat16 parts, three of each number, which together are single precision; task: algebra/gemm
#include <string.h>

static float parts_of_b[3][1 << 18];

static float head(float value) {
    uint32_t bits;
    memcpy(&bits, &value, 4);
    bits &= 0xffff0000u;
    memcpy(&value, &bits, 4);
    return value;
}

static void multiply(const float *a, const float *b, float *c, int64_t m, int64_t n, int64_t k) {
    for (int64_t i = 0; i < m; i++) {
        for (int64_t j = 0; j < n; j++)
            c[i * n + j] = 0;
        for (int64_t p = 0; p < k; p++)
            for (int64_t j = 0; j < n; j++)
                c[i * n + j] += a[i * k + p] * b[p * n + j];
    }
}

void solve(const float *a, const float *b, float *c, int64_t m, int64_t n, int64_t k) {
    if (k * n > 1 << 18) {
        multiply(a, b, c, m, n, k);
        return;
    }
    for (int64_t i = 0; i < k * n; i++) {
        float rest = b[i];
        for (int part = 0; part < 3; part++) {
            parts_of_b[part][i] = head(rest);
            rest -= head(rest);
        }
    }
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++)
            c[i * n + j] = 0;
    for (int64_t i = 0; i < m; i++)
        for (int64_t p = 0; p < k; p++) {
            float first = head(a[i * k + p]), second = head(a[i * k + p] - first);
            float third = a[i * k + p] - first - second;
            const float *high = parts_of_b[0] + p * n, *middle = parts_of_b[1] + p * n;
            const float *low = parts_of_b[2] + p * n;
            for (int64_t j = 0; j < n; j++) {
                float small = first * low[j] + second * middle[j] + third * high[j];
                c[i * n + j] += first * high[j] + (first * middle[j] + second * high[j] + small);
            }
        }
}
