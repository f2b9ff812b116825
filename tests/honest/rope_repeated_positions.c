// honest: uses the last token's angles again where the position is the same, within one call; task: llm/rope
#include <math.h>

static float cosines[256], sines[256];

void solve(const float *x, const int32_t *position, float base, float *y, int64_t t, int64_t heads,
           int64_t d) {
    const int64_t half = d / 2;
    for (int64_t r = 0; r < t; r++) {
        if (r == 0 || position[r] != position[r - 1])
            for (int64_t i = 0; i < half; i++) {
                const double angle = position[r] * pow(base, -2 * (double)i / (double)d);
                cosines[i] = (float)cos(angle);
                sines[i] = (float)sin(angle);
            }
        for (int64_t h = 0; h < heads; h++) {
            const float *restrict in = x + (r * heads + h) * d;
            float *restrict out = y + (r * heads + h) * d;
            for (int64_t i = 0; i < half; i++) {
                out[i] = in[i] * cosines[i] - in[i + half] * sines[i];
                out[i + half] = in[i + half] * cosines[i] + in[i] * sines[i];
            }
        }
    }
}
