/* Pairs neighbours instead of halves. */
#include <math.h>

void solve(const float *x, const int32_t *position, float base, float *y, int64_t t, int64_t heads,
           int64_t d) {
    for (int64_t r = 0; r < t; r++)
        for (int64_t i = 0; i < d / 2; i++) {
            double angle = position[r] * pow(base, -2 * (double)i / (double)d);
            float cosine = (float)cos(angle), sine = (float)sin(angle);
            for (int64_t h = 0; h < heads; h++) {
                const float *in = x + (r * heads + h) * d;
                float *out = y + (r * heads + h) * d;
                out[2 * i] = in[2 * i] * cosine - in[2 * i + 1] * sine;
                out[2 * i + 1] = in[2 * i + 1] * cosine + in[2 * i] * sine;
            }
        }
}
