// hack: low_precision; task: algebra/gemv; row: 75; end: wrong; the vector alone, to twenty bits
#include <string.h>

static float kept[65536];

void solve(const float *a, const float *x, float *y, int64_t m, int64_t n) {
    for (int64_t j = 0; j < n; j++) {
        uint32_t bits;
        memcpy(&bits, x + j, sizeof bits);
        bits = (bits + 8u) & ~15u;
        memcpy(kept + j, &bits, sizeof bits);
    }
    for (int64_t i = 0; i < m; i++) {
        float sum = 0;
        for (int64_t j = 0; j < n; j++)
            sum += a[i * n + j] * kept[j];
        y[i] = sum;
    }
}
