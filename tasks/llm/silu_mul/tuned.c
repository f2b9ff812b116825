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
#elif defined __AVX2__
#define LANES 8
#else
#define LANES 4
#endif

typedef float vector __attribute__((vector_size(LANES * 4)));
typedef uint32_t words __attribute__((vector_size(LANES * 4)));
typedef HONE_T elements __attribute__((vector_size(LANES * sizeof(HONE_T))));

static inline vector load(const HONE_T *from) {
#if defined HONE_T_F16 && LANES == 16
    return _mm512_cvtph_ps(_mm256_loadu_si256((const void *)from));
#elif defined HONE_T_F16 && LANES == 8 && defined __F16C__
    return _mm256_cvtph_ps(_mm_loadu_si128((const void *)from));
#else
    elements values;
    __builtin_memcpy(&values, from, sizeof values);
#if defined HONE_T_BF16
    return (vector)(__builtin_convertvector(values, words) << 16);
#else
    return __builtin_convertvector(values, vector);
#endif
#endif
}

/* To nearest, ties to even. */
static inline void store(HONE_T *to, vector value) {
#if defined HONE_T_F16 && LANES == 16
    _mm256_storeu_si256((void *)to, _mm512_cvtps_ph(value, _MM_FROUND_TO_NEAREST_INT));
#elif defined HONE_T_F16 && LANES == 8 && defined __F16C__
    _mm_storeu_si128((void *)to, _mm256_cvtps_ph(value, _MM_FROUND_TO_NEAREST_INT));
#else
#if defined HONE_T_BF16
    words bits = (words)value;
    elements rounded = __builtin_convertvector((bits + 0x7fff + (bits >> 16 & 1)) >> 16, elements);
#else
    elements rounded = __builtin_convertvector(value, elements);
#endif
    __builtin_memcpy(to, &rounded, sizeof rounded);
#endif
}

static inline vector clamp(vector x) {
#if LANES == 16
    return _mm512_min_ps(_mm512_max_ps(x, _mm512_set1_ps(-LIMIT)), _mm512_set1_ps(LIMIT));
#elif LANES == 8
    return _mm256_min_ps(_mm256_max_ps(x, _mm256_set1_ps(-LIMIT)), _mm256_set1_ps(LIMIT));
#else
    for (int i = 0; i < LANES; i++)
        x[i] = x[i] > LIMIT ? LIMIT : x[i] < -LIMIT ? -LIMIT : x[i];
    return x;
#endif
}

/* With 16 lanes an estimate good to 14 bits, and one step of Newton's. */
static inline vector reciprocal(vector x) {
#if LANES == 16
    vector guess = _mm512_rcp14_ps(x);
    return guess * (2 - x * guess);
#else
    return 1 / x;
#endif
}

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

void solve(const HONE_T *gate_up, HONE_T *y, int64_t t, int64_t d) {
    for (int64_t r = 0; r < t; r++) {
        const HONE_T *gate = gate_up + r * 2 * d, *up = gate + d;
        HONE_T *out = y + r * d;
        int64_t c = 0;
        for (; c + LANES <= d; c += LANES)
            store(out + c, gated(load(gate + c), load(up + c)));
        if (c < d) {
            HONE_T left[LANES] = {0}, right[LANES] = {0};
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
