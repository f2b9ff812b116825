/* Every byte of the weights is read once and becomes floats in registers, for up to four rows of x
 * at a time. Low and high halves of bytes fall into different vectors, so x is taken apart into
 * even and odd elements first. A group is summed without its scale, which is applied once. */
#include <immintrin.h>
#include <stdint.h>

#define GROUP 128
#define ROWS 4       /* of x at a time */
#define X_MAX 262144 /* elements of x */

#if defined __AVX512F__
#define LANES 16
#elif defined __AVX2__
#define LANES 8
#else
#define LANES 4
#endif

typedef float vector __attribute__((vector_size(LANES * 4)));

/* Rows of x: within each, for every LANES bytes of weights, even elements and then odd ones. */
static float activations[X_MAX] __attribute__((aligned(64)));

static inline void unpack(const uint8_t *weight, vector *low, vector *high) {
#if defined __AVX512F__
    const __m512 values = {-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7};
    __m512i bytes = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)weight));
    *low = _mm512_permutexvar_ps(bytes, values); /* looks at four bits only */
    *high = _mm512_permutexvar_ps(_mm512_srli_epi32(bytes, 4), values);
#elif defined __AVX2__
    const __m256i mask = _mm256_set1_epi32(15), middle = _mm256_set1_epi32(8);
    __m256i bytes = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)weight));
    *low = _mm256_cvtepi32_ps(_mm256_sub_epi32(_mm256_and_si256(bytes, mask), middle));
    *high = _mm256_cvtepi32_ps(_mm256_sub_epi32(_mm256_srli_epi32(bytes, 4), middle));
#else
    for (int i = 0; i < LANES; i++) {
        (*low)[i] = (float)((weight[i] & 15) - 8);
        (*high)[i] = (float)((weight[i] >> 4) - 8);
    }
#endif
}

static inline float total(vector v) {
    float sum[LANES];
    __builtin_memcpy(sum, &v, sizeof v);
    for (int width = LANES / 2; width > 0; width /= 2)
        for (int i = 0; i < width; i++)
            sum[i] += sum[i + width];
    return sum[0];
}

/* One row of weights against `rows` rows of x, which is a constant in every call. */
static inline __attribute__((always_inline)) void dot(const float *x, const uint8_t *weight,
                                                      const float *scale, float *y, int64_t n,
                                                      int64_t k, int rows) {
    vector sum[ROWS];
    for (int r = 0; r < rows; r++)
        sum[r] = (vector){0};
    for (int64_t p = 0; p < k; p += GROUP, x += GROUP, weight += GROUP / 2, scale++) {
        vector even[ROWS], odd[ROWS];
        for (int r = 0; r < rows; r++)
            even[r] = odd[r] = (vector){0};
        for (int64_t c = 0; c < GROUP; c += 2 * LANES) {
            vector low, high;
            unpack(weight + c / 2, &low, &high);
            for (int r = 0; r < rows; r++) {
                even[r] += low * *(const vector *)(x + r * k + c);
                odd[r] += high * *(const vector *)(x + r * k + c + LANES);
            }
        }
        for (int r = 0; r < rows; r++)
            sum[r] += (even[r] + odd[r]) * *scale;
    }
    for (int r = 0; r < rows; r++)
        y[r * n] = total(sum[r]);
}

void solve(const float *x, const uint8_t *weight, const float *scale, float *y, int64_t m,
           int64_t n, int64_t k) {
    for (int64_t p = 0; p < m * k; p += 2 * LANES)
        for (int64_t lane = 0; lane < LANES; lane++) {
            activations[p + lane] = x[p + 2 * lane];
            activations[p + LANES + lane] = x[p + 2 * lane + 1];
        }
    for (int64_t j = 0; j < n; j++, weight += k / 2, scale += k / GROUP) {
        int64_t i = 0;
        for (; i + ROWS <= m; i += ROWS)
            dot(activations + i * k, weight, scale, y + i * n + j, n, k, ROWS);
        if (m - i >= 2) {
            dot(activations + i * k, weight, scale, y + i * n + j, n, k, 2);
            i += 2;
        }
        if (i < m)
            dot(activations + i * k, weight, scale, y + i * n + j, n, k, 1);
    }
}
