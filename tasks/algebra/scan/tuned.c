/* A vector's own prefix sums take log2(lanes) shifted additions and depend on nothing before it, so
 * only one addition per vector is in the chain from the start to the end. */
#include <immintrin.h>
#include <stdint.h>

#if defined __AVX512F__
#define LANES 16
typedef __m512 vector;

static inline vector shifted(vector x, const int by) {
    const __m512i zero = _mm512_setzero_si512(), whole = _mm512_castps_si512(x);
    switch (by) { /* an immediate, so no loop */
    case 1:
        return _mm512_castsi512_ps(_mm512_alignr_epi32(whole, zero, 15));
    case 2:
        return _mm512_castsi512_ps(_mm512_alignr_epi32(whole, zero, 14));
    case 4:
        return _mm512_castsi512_ps(_mm512_alignr_epi32(whole, zero, 12));
    default:
        return _mm512_castsi512_ps(_mm512_alignr_epi32(whole, zero, 8));
    }
}

static inline vector prefix(vector x) {
    x += shifted(x, 1);
    x += shifted(x, 2);
    x += shifted(x, 4);
    return x + shifted(x, 8);
}

static inline vector last(vector x) {
    return _mm512_permutexvar_ps(_mm512_set1_epi32(15), x);
}
#elif defined __AVX2__
#define LANES 8
typedef __m256 vector;

static inline vector prefix(vector x) {
    __m256i bits = _mm256_castps_si256(x);
    x += _mm256_castsi256_ps(_mm256_slli_si256(bits, 4));
    bits = _mm256_castps_si256(x);
    x += _mm256_castsi256_ps(_mm256_slli_si256(bits, 8));
    __m256 low = _mm256_permute2f128_ps(x, x, 0x08); /* lower half moves up, zeros below */
    return x + _mm256_permute_ps(low, 0xff);
}

static inline vector last(vector x) {
    return _mm256_permutevar8x32_ps(x, _mm256_set1_epi32(7));
}
#endif

void solve(const float *x, float *y, int64_t n) {
    float sum = 0;
    int64_t i = 0;
#ifdef LANES
    typedef float loose __attribute__((vector_size(LANES * 4), aligned(4)));
    vector carry = {0};
    for (; i + 4 * LANES <= n; i += 4 * LANES) {
        vector part[4];
        for (int j = 0; j < 4; j++)
            part[j] = prefix((vector) * (const loose *)(x + i + j * LANES));
        vector low = last(part[0]), high = last(part[2]);
        part[1] += low;
        part[3] += high;
        vector half = last(part[1]), total = half + last(part[3]);
        *(loose *)(y + i) = part[0] + carry;
        *(loose *)(y + i + LANES) = part[1] + carry;
        *(loose *)(y + i + 2 * LANES) = part[2] + (carry + half);
        *(loose *)(y + i + 3 * LANES) = part[3] + (carry + half);
        carry += total;
    }
    sum = carry[0];
#endif
    for (; i < n; i++) {
        sum += x[i];
        y[i] = sum;
    }
}
