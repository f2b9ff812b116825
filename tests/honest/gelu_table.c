// honest: a look-up table of the error function, made in the first call and kept; task: dl/gemm_bias_gelu
#include <math.h>

#define STEPS 512 /* of one; the table ends where 1 - erf is below half a unit */
#define END 5

static double value[END * STEPS + 2], slope[END * STEPS + 2];

static void make_table(void) {
    for (int i = 0; i < END * STEPS + 2; i++) {
        double at = (double)i / STEPS;
        value[i] = erfc(at);
        slope[i] = -1.12837916709551257 * exp(-at * at);
    }
}

/* erfc, by Taylor's polynomial of third order at the nearest entry. */
static double complement(double at) {
    if (at >= END)
        return erfc(at);
    int i = (int)(at * STEPS + 0.5);
    double near = (double)i / STEPS, d = at - near;
    return value[i] + slope[i] * d * (1 - near * d + (2 * near * near - 1) / 3 * d * d);
}

void solve(const float *x, const float *weight, const float *bias, float *y, int64_t m, int64_t n,
           int64_t k) {
    if (value[0] == 0)
        make_table();
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++) {
            float z = bias[j];
#pragma omp simd reduction(+ : z)
            for (int64_t p = 0; p < k; p++)
                z += x[i * k + p] * weight[j * k + p];
            double half = complement(fabs(z) * 0.70710678118654752) / 2;
            y[i * n + j] = (float)(z * (z > 0 ? 1 - half : half));
        }
}
