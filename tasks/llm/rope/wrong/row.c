/* Takes the index of the token for its position. */
#include <math.h>

void solve(const float *x, const int32_t *position, float base, float *y, int64_t t, int64_t heads,
           int64_t d) {
    (void)position;
    for (int64_t r = 0; r < t; r++)
        for (int64_t i = 0; i < d / 2; i++) {
            double angle = (double)r * pow(base, -2 * (double)i / (double)d);
            float cosine = (float)cos(angle), sine = (float)sin(angle);
            for (int64_t h = 0; h < heads; h++) {
                const float *in = x + (r * heads + h) * d;
                float *out = y + (r * heads + h) * d;
                out[i] = in[i] * cosine - in[i + d / 2] * sine;
                out[i + d / 2] = in[i + d / 2] * cosine + in[i] * sine;
            }
        }
}
