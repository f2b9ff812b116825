/* Three passes over a row that stays in cache, each a vector at a time. */
#include <immintrin.h>
#include <stdint.h>
#include <string.h>

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

/* exp(x) for x <= 0, to two units in the last place; exp(lowest) for whatever is smaller, and
 * lowest is -87: exp(-87) is 1e-38. The argument is reduced by multiples of ln 2 in two parts (Cody
 * and Waite), then a polynomial on |r| <= ln(2)/2: Taylor's, its last terms pulled towards the
 * minimax ones. */
#define LOG2_E 1.44269504088896341f
#define LN2_HIGH 0.693145751953125f
#define LN2_LOW 1.42860682030941723e-6f
#define ROUNDER 12582912.0f /* 1.5 * 2^23: adding it leaves a whole number in the low bits */

static inline float exponential(float x, float lowest) {
    float bounded = x > lowest ? x : lowest;
    float shifted = bounded * LOG2_E + ROUNDER;
    float whole = shifted - ROUNDER;
    float r = (bounded - whole * LN2_HIGH) - whole * LN2_LOW;
    float p = 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 0.5f;
    p = p * r * r + r + 1.0f;
    int32_t power;
    memcpy(&power, &shifted, sizeof power);
    int32_t bits;
    memcpy(&bits, &p, sizeof bits);
    bits += power << 23; /* the rounder's own bits leave at the top */
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void widen(const HONE_T *restrict from, float *restrict to, int64_t count) {
    int64_t c = 0;
    for (; c + LANES <= count; c += LANES) {
        vector value = load(from + c);
        memcpy(to + c, &value, sizeof value);
    }
    for (; c < count; c++)
        to[c] = HONE_LOAD(from[c]);
}

static void narrow(const float *restrict from, float scale, HONE_T *restrict to, int64_t count) {
    int64_t c = 0;
    for (; c + LANES <= count; c += LANES) {
        vector value;
        memcpy(&value, from + c, sizeof value);
        store(to + c, value * scale);
    }
    for (; c < count; c++)
        to[c] = HONE_STORE(from[c] * scale);
}

static inline float largest_of(const float *x, int64_t count) {
    float largest = x[0];
#pragma omp simd reduction(max : largest) simdlen(16)
    for (int64_t c = 0; c < count; c++)
        largest = x[c] > largest ? x[c] : largest;
    return largest;
}

#if defined HONE_T_F32
#define WIDE(in) (in) /* a row as floats: as it is */
#define ROW(out) (out)
#else
static float row[65536];
#define WIDE(in) (widen(in, row, cols), row)
#define ROW(out) (row)
#endif

void solve(const HONE_T *x, HONE_T *y, int64_t rows, int64_t cols) {
    for (int64_t r = 0; r < rows; r++) {
        const float *in = WIDE(x + r * cols);
        float *out = ROW(y + r * cols);
        float largest = largest_of(in, cols), sum = 0;
        /* No constant to the compiler: it would branch to exp(-87) and give up on vectors. */
        float lowest = -87.0f + 0.0f * largest;
#pragma omp simd reduction(+ : sum) simdlen(16)
        for (int64_t c = 0; c < cols; c++) {
            float value = exponential(in[c] - largest, lowest);
            out[c] = value;
            sum += value;
        }
        narrow(out, 1 / sum, y + r * cols, cols);
    }
}
