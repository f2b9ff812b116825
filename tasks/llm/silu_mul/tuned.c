/* One pass, a vector at a time; the exponential is a polynomial without branches. */
#include <immintrin.h>
#include <stdint.h>

/* exp(x) for |x| <= 87, to two units in the last place. The argument is reduced by multiples of
 * ln 2 in two parts (Cody and Waite), then a polynomial on |r| <= ln(2)/2: Taylor's, its last terms
 * pulled towards the minimax ones. */
#define LOG2_E 1.44269504088896341f
#define LN2_HIGH 0.693145751953125f
#define LN2_LOW 1.42860682030941723e-6f
#define ROUNDER 12582912.0f /* 1.5 * 2^23: adding it leaves a whole number in the low bits */
#define LIMIT 87.0f         /* exp(87) is 6e37 */

#if defined __AVX512F__
#define LANES 16
typedef __m512 vector;

static inline vector clamp(vector x) {
    return _mm512_min_ps(_mm512_max_ps(x, _mm512_set1_ps(-LIMIT)), _mm512_set1_ps(LIMIT));
}
/* An estimate good to 14 bits, and one step of Newton's. */
static inline vector reciprocal(vector x) {
    vector guess = _mm512_rcp14_ps(x);
    return guess * (2 - x * guess);
}
static inline vector load(const float *x) {
    return _mm512_loadu_ps(x);
}
static inline void store(float *x, vector value) {
    _mm512_storeu_ps(x, value);
}
#elif defined __AVX2__
#define LANES 8
typedef __m256 vector;

static inline vector clamp(vector x) {
    return _mm256_min_ps(_mm256_max_ps(x, _mm256_set1_ps(-LIMIT)), _mm256_set1_ps(LIMIT));
}
static inline vector reciprocal(vector x) {
    return 1 / x;
}
static inline vector load(const float *x) {
    return _mm256_loadu_ps(x);
}
static inline void store(float *x, vector value) {
    _mm256_storeu_ps(x, value);
}
#else
#define LANES 4
typedef float vector __attribute__((vector_size(16)));

static inline vector clamp(vector x) {
    for (int i = 0; i < LANES; i++)
        x[i] = x[i] > LIMIT ? LIMIT : x[i] < -LIMIT ? -LIMIT : x[i];
    return x;
}
static inline vector reciprocal(vector x) {
    return 1 / x;
}
static inline vector load(const float *x) {
    vector value;
    __builtin_memcpy(&value, x, sizeof value);
    return value;
}
static inline void store(float *x, vector value) {
    __builtin_memcpy(x, &value, sizeof value);
}
#endif

typedef int32_t integers __attribute__((vector_size(LANES * 4)));

static inline vector exponential(vector x) {
    vector shifted = x * LOG2_E + ROUNDER;
    vector whole = shifted - ROUNDER;
    vector r = (x - whole * LN2_HIGH) - whole * LN2_LOW;
    vector p = r * 1.3981999507e-3f + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 0.5f;
    p = p * r * r + r + 1.0f;
    return (vector)((integers)p + ((integers)shifted << 23)); /* the rounder's bits leave on top */
}

static inline vector gated(vector gate, vector up) {
    return gate * up * reciprocal(1 + exponential(clamp(-gate)));
}

void solve(const float *gate_up, float *y, int64_t t, int64_t d) {
    for (int64_t r = 0; r < t; r++) {
        const float *gate = gate_up + r * 2 * d, *up = gate + d;
        float *out = y + r * d;
        int64_t c = 0;
        for (; c + LANES <= d; c += LANES)
            store(out + c, gated(load(gate + c), load(up + c)));
        if (c < d) {
            float left[LANES] = {0}, right[LANES] = {0};
            for (int64_t i = 0; i < d - c; i++) {
                left[i] = gate[c + i];
                right[i] = up[c + i];
            }
            store(left, gated(load(left), load(right)));
            for (int64_t i = 0; i < d - c; i++)
                out[c + i] = left[i];
        }
    }
}
