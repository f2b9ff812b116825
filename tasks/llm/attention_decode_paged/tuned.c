/* The query heads that share a key head go together, so that the cache is read once. Tokens come in
 * tiles: their scores, the weights by a vectorised exponential, then the values, with the sums of a
 * few columns in registers while the tile passes. A tile with a larger score than any before it
 * scales down what was summed (online softmax: Milakov and Gimelshein, 2018). */
#include <immintrin.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined __AVX512F__
#define LANES 16
typedef __m512 vector;

/* The first `count` of LANES numbers, and zeros; memory behind them is not touched. */
static inline vector load_first(const float *p, int64_t count) {
    return _mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), p);
}

static inline void store_first(float *p, vector v, int64_t count) {
    _mm512_mask_storeu_ps(p, (__mmask16)((1u << count) - 1), v);
}
#else
#define LANES 8
typedef float vector __attribute__((vector_size(4 * LANES)));

static inline vector load_first(const float *p, int64_t count) {
    vector v = {0};
    memcpy(&v, p, (size_t)count * sizeof *p);
    return v;
}

static inline void store_first(float *p, vector v, int64_t count) {
    memcpy(p, &v, (size_t)count * sizeof *p);
}
#endif
#define TILE 64  /* tokens */
#define GROUP 4  /* query heads at a time */
#define PIECES 2 /* vectors of a value's columns at a time */

typedef float loose __attribute__((vector_size(4 * LANES), aligned(4)));

/* One tile: where each token's key and value are, and the scores, then weights, of every head. */
struct tile {
    int64_t offsets[TILE];
    int64_t count;
    float weights[GROUP][TILE];
};

static inline float sum_of(vector v) {
    for (int half = LANES / 2; half >= 1; half /= 2)
        for (int i = 0; i < half; i++)
            v[i] += v[i + half];
    return v[0];
}

/* Scores of `heads` queries with the keys of a tile; heads is a constant where this is used. */
static inline __attribute__((always_inline)) void
score_tile(const float *restrict q, const float *restrict keys, struct tile *restrict tile,
           int64_t d, int heads) {
    for (int64_t t = 0; t < tile->count; t++) {
        const float *key = keys + tile->offsets[t];
        vector sum[GROUP] = {{0}};
        int64_t c = 0;
        for (; c + LANES <= d; c += LANES)
            for (int g = 0; g < heads; g++)
                sum[g] += *(const loose *)(q + g * d + c) * *(const loose *)(key + c);
        if (c < d)
            for (int g = 0; g < heads; g++)
                sum[g] += load_first(q + g * d + c, d - c) * load_first(key + c, d - c);
        for (int g = 0; g < heads; g++)
            tile->weights[g][t] = sum_of(sum[g]);
    }
}

/* out[g] += weights[g] times the values of a tile. */
static inline __attribute__((always_inline)) void
add_values(const float *restrict values, const struct tile *restrict tile, float *restrict out,
           int64_t d, int heads) {
    int64_t c = 0;
    for (; c + PIECES * LANES <= d; c += PIECES * LANES) {
        vector sum[GROUP][PIECES];
        for (int g = 0; g < heads; g++)
            for (int p = 0; p < PIECES; p++)
                sum[g][p] = *(const loose *)(out + g * d + c + p * LANES);
        for (int64_t t = 0; t < tile->count; t++)
            for (int p = 0; p < PIECES; p++) {
                vector value = *(const loose *)(values + tile->offsets[t] + c + p * LANES);
                for (int g = 0; g < heads; g++)
                    sum[g][p] += tile->weights[g][t] * value;
            }
        for (int g = 0; g < heads; g++)
            for (int p = 0; p < PIECES; p++)
                *(loose *)(out + g * d + c + p * LANES) = sum[g][p];
    }
    for (; c < d; c += LANES) {
        const int64_t kept = d - c < LANES ? d - c : LANES;
        vector sum[GROUP];
        for (int g = 0; g < heads; g++)
            sum[g] = load_first(out + g * d + c, kept);
        for (int64_t t = 0; t < tile->count; t++) {
            vector value = load_first(values + tile->offsets[t] + c, kept);
            for (int g = 0; g < heads; g++)
                sum[g] += tile->weights[g][t] * value;
        }
        for (int g = 0; g < heads; g++)
            store_first(out + g * d + c, sum[g], kept);
    }
}

/* exp(x) for x <= 0, to two units in the last place; exp(lowest) for whatever is smaller: powers of
 * two by the exponent's bits, and a polynomial for the rest. */
static inline float exponential(float x, float lowest) {
    float bounded = x > lowest ? x : lowest;
    float shifted = bounded * 1.44269504088896341f + 12582912.0f; /* rounds: 1.5 * 2^23 */
    float whole = shifted - 12582912.0f;
    float r = (bounded - whole * 0.693145751953125f) - whole * 1.42860682030941723e-6f;
    float p = 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 0.5f;
    p = p * r * r + r + 1.0f;
    int32_t power, bits;
    memcpy(&power, &shifted, sizeof power);
    memcpy(&bits, &p, sizeof bits);
    bits += (int32_t)((uint32_t)power << 23);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Scores become weights relative to the largest score so far. */
static inline void weigh_tile(float *restrict weights, int64_t count, float scale,
                              float *restrict largest, float *restrict total, float *restrict out,
                              int64_t d) {
    float most = *largest;
    for (int64_t t = 0; t < count; t++)
        most = weights[t] * scale > most ? weights[t] * scale : most;
    if (most > *largest) {
        float kept = *largest > -INFINITY ? exponential(*largest - most, -87.0f) : 0;
        *total *= kept;
        for (int64_t c = 0; c < d; c++)
            out[c] *= kept;
        *largest = most;
    }
    /* No constant to the compiler: it would branch to exp(-87) and give up on vectors. */
    float sum = 0, lowest = -87.0f + 0.0f * most;
#pragma omp simd reduction(+ : sum) simdlen(LANES)
    for (int64_t t = 0; t < count; t++) {
        weights[t] = exponential(weights[t] * scale - most, lowest);
        sum += weights[t];
    }
    *total += sum;
}

/* One sequence, and `heads` query heads of one key head. */
static inline __attribute__((always_inline)) void
attend(const float *restrict q, const float *restrict keys, const float *restrict values,
       const int32_t *restrict table, int64_t length, float *restrict out, int64_t d, int64_t page,
       int64_t stride, int heads) {
    static struct tile tile;
    float largest[GROUP], total[GROUP] = {0}, scale = 1 / sqrtf((float)d);
    for (int g = 0; g < heads; g++)
        largest[g] = -INFINITY;
    memset(out, 0, (size_t)(heads * d) * sizeof *out);
    int64_t in_table = 0, slot = 0; /* of the next token */
    for (int64_t first = 0; first < length; first += TILE) {
        tile.count = length - first < TILE ? length - first : TILE;
        for (int64_t t = 0; t < tile.count; t++) {
            tile.offsets[t] = (table[in_table] * page + slot) * stride;
            in_table += slot + 1 == page;
            slot = slot + 1 == page ? 0 : slot + 1;
        }
        score_tile(q, keys, &tile, d, heads);
        for (int g = 0; g < heads; g++)
            weigh_tile(tile.weights[g], tile.count, scale, &largest[g], &total[g], out + g * d, d);
        add_values(values, &tile, out, d, heads);
    }
    for (int g = 0; g < heads; g++)
        for (int64_t c = 0; c < d; c++)
            out[g * d + c] /= total[g];
}

void solve(const float *q, const float *k_cache, const float *v_cache, const int32_t *table,
           const int32_t *length, float *o, int64_t b, int64_t hq, int64_t hkv, int64_t d,
           int64_t pages, int64_t page, int64_t max_pages) {
    (void)pages;
    const int64_t shared = hq / hkv, stride = hkv * d;
    for (int64_t i = 0; i < b; i++)
        for (int64_t h = 0; h < hkv; h++)
            for (int64_t g = 0; g < shared;) {
                const int64_t at = (i * hq + h * shared + g) * d;
                const float *keys = k_cache + h * d, *values = v_cache + h * d;
                const int32_t *own = table + i * max_pages;
                const float *query = q + at;
                float *out = o + at;
                switch (shared - g) { /* how many is a constant in each */
                case 1:
                    attend(query, keys, values, own, length[i], out, d, page, stride, 1);
                    break;
                case 2:
                    attend(query, keys, values, own, length[i], out, d, page, stride, 2);
                    break;
                case 3:
                    attend(query, keys, values, own, length[i], out, d, page, stride, 3);
                    break;
                default:
                    attend(query, keys, values, own, length[i], out, d, page, stride, 4);
                }
                g += GROUP;
            }
}
