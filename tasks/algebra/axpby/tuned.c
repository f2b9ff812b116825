/* Bound by memory: whole cache lines, four at a time, and nothing else in the loop. */
#include <immintrin.h>
#include <stdint.h>

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

void solve(const HONE_T *restrict x, const HONE_T *restrict y, float a, float b,
           HONE_T *restrict out, int64_t n) {
    int64_t i = 0;
    for (; i + 4 * LANES <= n; i += 4 * LANES)
        for (int64_t j = 0; j < 4 * LANES; j += LANES)
            store(out + i + j, a * load(x + i + j) + b * load(y + i + j));
    for (; i < n; i++)
        out[i] = HONE_STORE(a * HONE_LOAD(x[i]) + b * HONE_LOAD(y[i]));
}
