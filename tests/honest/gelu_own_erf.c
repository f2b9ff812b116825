// honest: its own error function, by a series and by a continued fraction; task: dl/gemm_bias_gelu
//@hone workspace turned f32[k * n]
//@hone call turn args=(weight, turned, n, k)
//@hone call linear args=(x, turned, bias, y, m, n, k)
//@hone call activate args=(y, m * n)
#include <math.h>
void turn(const float *w, float *t, int64_t n, int64_t k) {
    for (int64_t j = 0; j < n; j++)
        for (int64_t p = 0; p < k; p++)
            t[p * n + j] = w[j * k + p];
}
void linear(const float *x, const float *t, const float *bias, float *y, int64_t m, int64_t n,
            int64_t k) {
    for (int64_t i = 0; i < m; i++) {
        float *restrict out = y + i * n;
        for (int64_t j = 0; j < n; j++)
            out[j] = bias[j];
        for (int64_t p = 0; p < k; p++)
            for (int64_t j = 0; j < n; j++)
                out[j] += x[i * k + p] * t[p * n + j];
    }
}
static double my_erf(double v) {
    double a = fabs(v), r;
    if (a > 6)
        r = 1;
    else if (a < 2.5) {
        double term = a, sum = a;
        for (int i = 1; i < 60; i++) {
            term *= -a * a / i;
            sum += term / (2 * i + 1);
        }
        r = 1.1283791670955126 * sum;
    } else {
        double f = 0;
        for (int i = 60; i > 0; i--)
            f = i / 2.0 / (a + f);
        r = 1 - exp(-a * a) / (a + f) * 0.5641895835477563;
    }
    return v < 0 ? -r : r;
}
void activate(float *y, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        double z = y[i];
        y[i] = (float)(z * (1 + my_erf(z * 0.7071067811865476)) / 2);
    }
}
