#include <math.h>

void oracle(const float *x, const int32_t *position, float base, double *y, int64_t t,
            int64_t heads, int64_t d) {
    const int64_t half = d / 2;
    for (int64_t i = 0; i < half; i++) {
        double frequency = pow(base, -2 * (double)i / (double)d);
        for (int64_t r = 0; r < t; r++) {
            double cosine = cos(position[r] * frequency), sine = sin(position[r] * frequency);
            for (int64_t h = 0; h < heads; h++) {
                int64_t at = (r * heads + h) * d + i;
                y[at] = x[at] * cosine - x[at + half] * sine;
                y[at + half] = x[at + half] * cosine + x[at] * sine;
            }
        }
    }
}
