// honest: a table kept from call to call, by width and base alone; task: llm/rope
#include <math.h>

static double frequency[256];
static int64_t known_d;
static float known_base;

void solve(const float *x, const int32_t *position, float base, float *y, int64_t t, int64_t heads,
           int64_t d) {
    const int64_t half = d / 2;
    if (known_d != d || known_base != base)
        for (int64_t i = 0; i < half; i++)
            frequency[i] = pow(base, -2 * (double)i / (double)d);
    known_d = d;
    known_base = base;
    for (int64_t r = 0; r < t; r++)
        for (int64_t i = 0; i < half; i++) {
            const double angle = position[r] * frequency[i];
            const float cosine = (float)cos(angle), sine = (float)sin(angle);
            for (int64_t h = 0; h < heads; h++) {
                const float *in = x + (r * heads + h) * d;
                float *out = y + (r * heads + h) * d;
                out[i] = in[i] * cosine - in[i + half] * sine;
                out[i + half] = in[i + half] * cosine + in[i] * sine;
            }
        }
}
