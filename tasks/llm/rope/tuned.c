/* Sines and cosines once for each token, a vector at a time; then one pass over its heads. Angles
 * are counted in turns and reduced in double: what is left fits a float. */
#include <immintrin.h>
#include <math.h>
#include <stdint.h>

#define HALF_MAX 256 /* pairs of a head */
#define TAU 6.28318530717958647692

static double frequency[HALF_MAX]; /* turns for each position */
static float cosines[HALF_MAX], sines[HALF_MAX];

#define ROUNDER 0x1.8p52 /* adding it leaves a whole number in the low bits */

/* cos and sin of 2 pi x, to two units in the last place: the nearest quarter turn is taken off,
 * then Taylor's polynomials on what is left, at most an eighth. */
static inline void rotate(double x, float *cosine, float *sine) {
    double shifted = x * 4 + ROUNDER;
    int64_t quarters;
    __builtin_memcpy(&quarters, &shifted, 8);
    float r = (float)((x - (shifted - ROUNDER) * 0.25) * TAU);
    float square = r * r;
    float s = -1.9841269841e-4f + 2.7557319224e-6f * square;
    s = s * square + 8.3333333333e-3f;
    s = s * square - 1.6666666667e-1f;
    s = s * square * r + r;
    float c = -1.3888888889e-3f + 2.4801587302e-5f * square;
    c = c * square + 4.1666666667e-2f;
    c = c * square - 0.5f;
    c = c * square + 1;
    float first = quarters & 1 ? s : c, second = quarters & 1 ? c : s;
    *cosine = (quarters + 1) & 2 ? -first : first;
    *sine = quarters & 2 ? -second : second;
}

void solve(const float *x, const int32_t *position, float base, float *y, int64_t t, int64_t heads,
           int64_t d) {
    const int64_t half = d / 2;
    double ratio = pow(base, -2 / (double)d);
    frequency[0] = 1 / TAU;
    for (int64_t i = 1; i < half; i++)
        frequency[i] = frequency[i - 1] * ratio;
    for (int64_t r = 0; r < t; r++) {
        const double here = position[r];
#pragma omp simd simdlen(16)
        for (int64_t i = 0; i < half; i++)
            rotate(here * frequency[i], &cosines[i], &sines[i]);
        const float *restrict in = x + r * heads * d;
        float *restrict out = y + r * heads * d;
        for (int64_t h = 0; h < heads; h++, in += d, out += d) {
#pragma omp simd simdlen(16)
            for (int64_t i = 0; i < half; i++) {
                float a = in[i], b = in[i + half], c = cosines[i], s = sines[i];
                out[i] = a * c - b * s;
                out[i + half] = b * c + a * s;
            }
        }
    }
}
