/* Some queries of one head at a time: a tile of scores in registers against keys that were turned
 * into columns once for all heads that share them, then the softmax of every row, then a tile of
 * outputs in registers over all keys. Blocks of keys after the diagonal are never looked at; within
 * the block on it, weights are set to zero. */
#include <immintrin.h>
#include <math.h>
#include <stdint.h>

#if defined __AVX512F__
#define LANES 16
#define ROWS 6
#define VECTORS 4
#elif defined __AVX2__
#define LANES 8
#define ROWS 4
#define VECTORS 2
#else
#define LANES 4
#define ROWS 4
#define VECTORS 2
#endif

#define WIDTH (LANES * VECTORS) /* keys, or elements of an output, of a tile */
#define KEYS_MAX 4096
#define SIZE_MAX_OF_HEAD 262144 /* s d */
#define D_MAX 256

typedef float vector __attribute__((vector_size(LANES * 4)));
typedef float loose __attribute__((vector_size(LANES * 4), aligned(4)));
typedef int32_t integers __attribute__((vector_size(LANES * 4)));

/* Keys in panels of WIDTH: element by element, the keys side by side. */
static float panels[SIZE_MAX_OF_HEAD + WIDTH * D_MAX] __attribute__((aligned(64)));
static float scores[ROWS][KEYS_MAX + WIDTH] __attribute__((aligned(64)));

static inline int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* exp(x) for -87 <= x <= 0, and exp(-87) below. Multiples of ln 2 are taken off in two parts (Cody
 * and Waite); then Taylor's polynomial, its last terms pulled towards the minimax ones. */
static inline vector exponential(vector x) {
    const integers within = x > -87.0f;
    x = (vector)(((integers)x & within) | ((integers)((vector){0} - 87.0f) & ~within));
    vector shifted = x * 1.44269504088896341f + 12582912.0f; /* 1.5 * 2^23 */
    vector whole = shifted - 12582912.0f;
    vector r = (x - whole * 0.693145751953125f) - whole * 1.42860682030941723e-6f;
    vector p = r * 1.3981999507e-3f + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 0.5f;
    p = p * r * r + r + 1.0f;
    return (vector)((integers)p + ((integers)shifted << 23));
}

/* Keys after the last one are zeros. */
static void pack(const float *keys, int64_t s, int64_t d) {
    for (int64_t first = 0; first < s; first += WIDTH) {
        float *out = panels + first * d;
        for (int64_t j = 0; j < WIDTH; j++)
            for (int64_t e = 0; e < d; e++)
                out[e * WIDTH + j] = first + j < s ? keys[(first + j) * d + e] : 0;
    }
}

/* Scores of ROWS queries and one panel of keys. Missing queries repeat the last one. */
static inline void score(const float *const query[ROWS], const float *panel, float *out, int64_t d,
                         float scale) {
    vector sum[ROWS][VECTORS];
    for (int r = 0; r < ROWS; r++)
        for (int v = 0; v < VECTORS; v++)
            sum[r][v] = (vector){0};
    for (int64_t e = 0; e < d; e++, panel += WIDTH)
        for (int v = 0; v < VECTORS; v++) {
            vector key = *(const vector *)(panel + v * LANES);
            for (int r = 0; r < ROWS; r++)
                sum[r][v] += query[r][e] * key;
        }
    for (int r = 0; r < ROWS; r++)
        for (int v = 0; v < VECTORS; v++)
            *(vector *)(out + r * (KEYS_MAX + WIDTH) + v * LANES) = sum[r][v] * scale;
}

/* Scores of one query become weights, up to a whole number of vectors; returns 1 / their sum. */
static inline float normalise(float *row, int64_t count) {
    float largest = row[0], sums[LANES], total = 0;
#pragma omp simd reduction(max : largest) simdlen(16)
    for (int64_t j = 0; j < count; j++)
        largest = row[j] > largest ? row[j] : largest;
    vector sum = {0};
    const int64_t end = (count + LANES - 1) / LANES * LANES;
    for (int64_t j = count; j < end; j++)
        row[j] = -INFINITY;
    for (int64_t j = 0; j < end; j += LANES)
        *(vector *)(row + j) = exponential(*(vector *)(row + j) - largest);
    for (int64_t j = count; j < end; j++)
        row[j] = 0;
    for (int64_t j = 0; j < end; j += LANES)
        sum += *(vector *)(row + j);
    *(loose *)sums = sum;
    for (int i = 0; i < LANES; i++)
        total += sums[i];
    return 1 / total;
}

/* `vectors` vectors of ROWS outputs, which is a constant in every call. */
static inline __attribute__((always_inline)) void combine(const float *values, int64_t stride,
                                                          int64_t keys, const float scale[ROWS],
                                                          float *o, int64_t rows, int vectors) {
    vector sum[ROWS][VECTORS];
    for (int r = 0; r < ROWS; r++)
        for (int v = 0; v < vectors; v++)
            sum[r][v] = (vector){0};
    for (int64_t j = 0; j < keys; j++, values += stride)
        for (int v = 0; v < vectors; v++) {
            vector value = *(const loose *)(values + v * LANES);
            for (int r = 0; r < ROWS; r++)
                sum[r][v] += scores[r][j] * value;
        }
    for (int64_t r = 0; r < ROWS; r++)
        for (int v = 0; r < rows && v < vectors; v++)
            *(loose *)(o + r * stride + v * LANES) = sum[r][v] * scale[r];
}

/* The last elements of outputs, fewer than a vector. */
static inline void combine_rest(const float *values, int64_t stride, int64_t keys,
                                const float scale[ROWS], float *o, int64_t rows, int64_t count) {
    for (int64_t r = 0; r < rows; r++) {
        float sum[LANES] = {0};
        for (int64_t j = 0; j < keys; j++)
            for (int64_t e = 0; e < count; e++)
                sum[e] += scores[r][j] * values[j * stride + e];
        for (int64_t e = 0; e < count; e++)
            o[r * stride + e] = sum[e] * scale[r];
    }
}

/* Queries first .. first + rows of one head. */
static void attend(const float *q, const float *values, float *o, int64_t first, int64_t rows,
                   int64_t d) {
    const float *query[ROWS];
    float scale[ROWS] = {0};
    const int64_t keys = first + rows; /* that the last of them sees */
    for (int64_t r = 0; r < ROWS; r++)
        query[r] = q + (first + least(r, rows - 1)) * d;
    for (int64_t j = 0; j < keys; j += WIDTH)
        score(query, panels + j * d, &scores[0][j], d, 1 / sqrtf((float)d));
    for (int64_t r = 0; r < rows; r++) {
        scale[r] = normalise(scores[r], first + r + 1);
        for (int64_t j = first + r + 1; j < keys; j++)
            scores[r][j] = 0;
    }
    float *out = o + first * d;
    int64_t e = 0;
    for (; e + WIDTH <= d; e += WIDTH)
        combine(values + e, d, keys, scale, out + e, rows, VECTORS);
    for (; e + 2 * LANES <= d; e += 2 * LANES)
        combine(values + e, d, keys, scale, out + e, rows, 2);
    for (; e + LANES <= d; e += LANES)
        combine(values + e, d, keys, scale, out + e, rows, 1);
    if (e < d && d >= LANES) /* overlaps what was written, with the same results */
        combine(values + d - LANES, d, keys, scale, out + d - LANES, rows, 1);
    else if (e < d)
        combine_rest(values + e, d, keys, scale, out + e, rows, d - e);
}

void solve(const float *q, const float *k, const float *v, float *o, int64_t b, int64_t hq,
           int64_t hkv, int64_t s, int64_t d) {
    const int64_t sharing = hq / hkv, size = s * d;
    for (int64_t group = 0; group < b * hkv; group++) {
        pack(k + group * size, s, d);
        for (int64_t head = group * sharing; head < (group + 1) * sharing; head++)
            for (int64_t i = 0; i < s; i += ROWS)
                attend(q + head * size, v + group * size, o + head * size, i, least(ROWS, s - i),
                       d);
    }
}
