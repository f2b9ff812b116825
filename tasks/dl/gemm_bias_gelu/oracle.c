#include <math.h>

/* gelu with erfc, which stays exact where 1 + erf cancels. */
void oracle(const float *x, const float *weight, const float *bias, double *y, int64_t m, int64_t n,
            int64_t k) {
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++) {
            const float *left = x + i * k, *right = weight + j * k;
            double sum[4] = {bias[j], 0, 0, 0};
            int64_t p = 0;
            for (; p + 4 <= k; p += 4)
                for (int lane = 0; lane < 4; lane++)
                    sum[lane] += (double)left[p + lane] * right[p + lane];
            for (; p < k; p++)
                sum[0] += (double)left[p] * right[p];
            double z = (sum[0] + sum[1]) + (sum[2] + sum[3]);
            y[i * n + j] = z * erfc(-z * sqrt(0.5)) / 2;
        }
}
