/* Rows of random length would cost a mispredicted branch each, more than their entries. So products
 * are made for a stretch of rows at a time, which has no branches, and then every row of up to two
 * vectors is summed by masked loads. Longer rows are summed in a loop, where branches pay. */
#include <immintrin.h>
#include <stdint.h>

#define STRETCH 2048 /* products at a time: they stay in the first cache */

#if defined __AVX512F__
#define LANES 16
typedef __m512 vector;

/* The first `count` of 16 numbers, and zeros; all 16 when there are more. */
static inline vector load_first(const float *p, int64_t count) {
    uint32_t mask = count >= LANES ? 0xffff : count > 0 ? (1u << count) - 1 : 0;
    return _mm512_maskz_loadu_ps((__mmask16)mask, p);
}

static inline float sum_of(vector v) {
    __m256 half = _mm512_castps512_ps256(v) +
                  _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(v), 1));
    __m128 quarter = _mm256_castps256_ps128(half) + _mm256_extractf128_ps(half, 1);
    quarter += _mm_movehl_ps(quarter, quarter);
    return quarter[0] + quarter[1];
}
#elif defined __AVX2__
#define LANES 8
typedef __m256 vector;

static inline vector load_first(const float *p, int64_t count) {
    static const int32_t masks[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
    int64_t kept = count >= LANES ? LANES : count > 0 ? count : 0;
    return _mm256_maskload_ps(p, _mm256_loadu_si256((const __m256i *)(masks + LANES - kept)));
}

static inline float sum_of(vector v) {
    __m128 half = _mm256_castps256_ps128(v) + _mm256_extractf128_ps(v, 1);
    half += _mm_movehl_ps(half, half);
    return half[0] + half[1];
}
#endif

/* The sum of products of a long row, in independent chains. */
static float sum_long(const int32_t *restrict col, const float *restrict val,
                      const float *restrict x, int64_t count) {
    float sum[8] = {0};
    int64_t e = 0;
    for (; e + 8 <= count; e += 8)
        for (int i = 0; i < 8; i++)
            sum[i] += val[e + i] * x[col[e + i]];
    for (; e < count; e++)
        sum[e & 7] += val[e] * x[col[e]];
    return ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));
}

#ifdef LANES
static inline float sum_row(const float *products, int64_t count) {
    vector sum = load_first(products, count) + load_first(products + LANES, count - LANES);
    if (__builtin_expect(count > 2 * LANES, 0))
        for (int64_t e = 2 * LANES; e < count; e += LANES)
            sum += load_first(products + e, count - e);
    return sum_of(sum);
}
#endif

void solve(const int32_t *row_ptr, const int32_t *col, const float *val, const float *x, float *y,
           int64_t rows, int64_t cols, int64_t nnz) {
    (void)cols, (void)nnz;
#ifdef LANES
    static float products[STRETCH + 2 * LANES]; /* masked loads may point past the end */
    for (int64_t r = 0; r < rows;) {
        int64_t begin = row_ptr[r], last = r;
        while (last < rows && row_ptr[last + 1] - begin <= STRETCH)
            last++;
        if (last == r) {
            y[r] = sum_long(col + begin, val + begin, x, row_ptr[r + 1] - begin);
            r++;
            continue;
        }
        int64_t count = row_ptr[last] - begin;
        const int32_t *restrict from = col + begin;
        const float *restrict factor = val + begin;
        for (int64_t e = 0; e < count; e++)
            products[e] = factor[e] * x[from[e]];
        for (; r < last; r++)
            y[r] = sum_row(products + (row_ptr[r] - begin), row_ptr[r + 1] - row_ptr[r]);
    }
#else
    for (int64_t r = 0; r < rows; r++)
        y[r] = sum_long(col + row_ptr[r], val + row_ptr[r], x, row_ptr[r + 1] - row_ptr[r]);
#endif
}
