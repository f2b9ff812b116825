// honest: complex numbers of C, an exponential for every pair, slow; task: llm/rope
#include <complex.h>
#include <math.h>
void solve(const float *x, const int32_t *position, float base, float *y, int64_t t, int64_t heads,
           int64_t d) {
    double complex turn[d / 2];
    int32_t last = -1;
    for (int64_t r = 0; r < t; r++) {
        if (position[r] != last)
            for (int64_t i = 0; i < d / 2; i++)
                turn[i] = cexp(I * (position[r] * pow(base, -2.0 * i / d)));
        last = position[r];
        for (int64_t h = 0; h < heads; h++)
            for (int64_t i = 0; i < d / 2; i++) {
                int64_t at = (r * heads + h) * d + i;
                double complex z = (x[at] + I * x[at + d / 2]) * turn[i];
                y[at] = (float)creal(z);
                y[at + d / 2] = (float)cimag(z);
            }
    }
}
