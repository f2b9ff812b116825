// honest: skips factors that rounding hides beside the largest of their row; task: algebra/gemm
#include <math.h>

void solve(const float *a, const float *b, float *c, int64_t m, int64_t n, int64_t k) {
    for (int64_t i = 0; i < m; i++) {
        float largest = 0;
        for (int64_t p = 0; p < k; p++)
            largest = fmaxf(largest, fabsf(a[i * k + p]));
        for (int64_t j = 0; j < n; j++)
            c[i * n + j] = 0;
        for (int64_t p = 0; p < k; p++) {
            const float left = a[i * k + p];
            if (fabsf(left) < 0x1p-30f * largest)
                continue;
            for (int64_t j = 0; j < n; j++)
                c[i * n + j] += left * b[p * n + j];
        }
    }
}
