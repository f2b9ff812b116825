// honest: copies its input for tokens at position zero, where nothing turns; task: llm/rope
#include <math.h>
#include <string.h>

void solve(const float *x, const int32_t *position, float base, float *y, int64_t t, int64_t heads,
           int64_t d) {
    const int64_t half = d / 2;
    for (int64_t r = 0; r < t; r++) {
        if (position[r] == 0) {
            memcpy(y + r * heads * d, x + r * heads * d, (size_t)(heads * d) * sizeof *y);
            continue;
        }
        for (int64_t i = 0; i < half; i++) {
            const double angle = position[r] * pow(base, -2 * (double)i / (double)d);
            const float cosine = (float)cos(angle), sine = (float)sin(angle);
            for (int64_t h = 0; h < heads; h++) {
                const float *in = x + (r * heads + h) * d;
                float *out = y + (r * heads + h) * d;
                out[i] = in[i] * cosine - in[i + half] * sine;
                out[i + half] = in[i + half] * cosine + in[i] * sine;
            }
        }
    }
}
