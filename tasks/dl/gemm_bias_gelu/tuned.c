/* The usual five loops (Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication",
 * 2008): a panel of weights stays in the first-level cache, a block of x in the second, and a tile
 * of y in registers, where it gets bias and gelu after its last terms. */
#include <immintrin.h>
#include <stdint.h>

#if defined __AVX512F__
#define LANES 16
#define ROWS 8
#define VECTORS 3
#elif defined __AVX2__
#define LANES 8
#define ROWS 6
#define VECTORS 2
#else
#define LANES 4
#define ROWS 4
#define VECTORS 2
#endif

#define WIDTH (LANES * VECTORS) /* columns of a panel */
#define DEPTH 256               /* terms of a block */
#define HEIGHT 192              /* rows of a block of x; a multiple of 8, 6 and 4 */
#define SPAN (WIDTH * 16)       /* columns of a block of weights */

typedef float vector __attribute__((vector_size(LANES * 4)));
typedef float loose __attribute__((vector_size(LANES * 4), aligned(4)));
typedef int32_t integers __attribute__((vector_size(LANES * 4)));

static float packed_x[HEIGHT * DEPTH] __attribute__((aligned(64)));
static float packed_weight[DEPTH * SPAN] __attribute__((aligned(64)));
static float packed_bias[SPAN] __attribute__((aligned(64)));

static inline int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* exp(x) for -87 <= x <= 0, and exp(-87) below. Multiples of ln 2 are taken off in two parts
 * (Cody and Waite); then Taylor's polynomial, its last terms pulled towards the minimax ones. */
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

static inline vector reciprocal(vector x) {
#if defined __AVX512F__
    vector guess = _mm512_rcp14_ps(x);
    return guess * (2 - x * guess);
#else
    return 1 / x;
#endif
}

/* gelu(z) = max(z, 0) - |z| erfc(|z| / sqrt(2)) / 2, where nothing cancels. With x = |z| / sqrt(2)
 * and t = 1 / (1 + 0.33 x), exp(x^2) erfc(x) is a polynomial in t, fitted here by Remez' exchange
 * with the weight that it has in the result: 2e-9 of error. */
static inline vector gelu(vector z) {
    vector size = (vector)((integers)z & 0x7fffffff);
    vector t = reciprocal(size * (0.33f * 0.70710678f) + 1);
    vector p = t * -9.0064689833e-2f + 2.2492563619e-1f;
    p = p * t + 1.6795076748e-1f;
    p = p * t - 2.2157647671e-1f;
    p = p * t + 5.0165212911e-1f;
    p = p * t + 6.4714548328e-3f;
    p = p * t + 2.2888088760e-1f;
    p = p * t + 1.8176028378e-1f;
    vector tail = p * t * exponential(z * z * -0.5f);
    return ((z + size) - size * tail) * 0.5f;
}

/* Strips of ROWS rows, each with its terms together; missing rows are zeros. */
static void pack_x(const float *x, int64_t stride, int64_t rows, int64_t depth) {
    float *out = packed_x;
    for (int64_t i = 0; i < rows; i += ROWS)
        for (int64_t p = 0; p < depth; p++)
            for (int64_t r = 0; r < ROWS; r++)
                *out++ = i + r < rows ? x[(i + r) * stride + p] : 0;
}

/* LANES rows of weights become LANES columns of a panel, which is `wide`; missing ones zeros. */
#if defined __AVX512F__
static void turn(const float *weight, int64_t stride, int64_t rows, int64_t depth, float *out,
                 int64_t wide) {
    for (int64_t p = 0; p < depth; p += 16) {
        const int64_t terms = least(16, depth - p);
        const __mmask16 across = (__mmask16)((1u << terms) - 1);
        __m512 a[16], b[16];
        for (int i = 0; i < 16; i++)
            a[i] = i < rows ? _mm512_maskz_loadu_ps(across, weight + i * stride + p)
                            : _mm512_setzero_ps();
        for (int i = 0; i < 16; i += 2) { /* pairs, then quads, then 128-bit lanes change places */
            b[i] = _mm512_unpacklo_ps(a[i], a[i + 1]);
            b[i + 1] = _mm512_unpackhi_ps(a[i], a[i + 1]);
        }
        for (int i = 0; i < 16; i += 4)
            for (int j = 0; j < 2; j++) {
                a[i + 2 * j] = _mm512_shuffle_ps(b[i + j], b[i + j + 2], 0x44);
                a[i + 2 * j + 1] = _mm512_shuffle_ps(b[i + j], b[i + j + 2], 0xee);
            }
        for (int i = 0; i < 4; i++) {
            b[i] = _mm512_shuffle_f32x4(a[i], a[i + 4], 0x88);
            b[i + 4] = _mm512_shuffle_f32x4(a[i], a[i + 4], 0xdd);
            b[i + 8] = _mm512_shuffle_f32x4(a[i + 8], a[i + 12], 0x88);
            b[i + 12] = _mm512_shuffle_f32x4(a[i + 8], a[i + 12], 0xdd);
        }
        for (int i = 0; i < 4; i++) {
            a[i] = _mm512_shuffle_f32x4(b[i], b[i + 8], 0x88);
            a[i + 8] = _mm512_shuffle_f32x4(b[i], b[i + 8], 0xdd);
            a[i + 4] = _mm512_shuffle_f32x4(b[i + 4], b[i + 12], 0x88);
            a[i + 12] = _mm512_shuffle_f32x4(b[i + 4], b[i + 12], 0xdd);
        }
        for (int i = 0; i < 16; i++)
            if (i < terms)
                _mm512_store_ps(out + (p + i) * wide, a[i]);
    }
}
#else
static void turn(const float *weight, int64_t stride, int64_t rows, int64_t depth, float *out,
                 int64_t wide) {
    for (int64_t p = 0; p < depth; p++)
        for (int64_t r = 0; r < LANES; r++)
            out[p * wide + r] = r < rows ? weight[r * stride + p] : 0;
}
#endif

/* Panels of WIDTH columns; the last one is rounded up to whole vectors. */
static void pack_weight(const float *weight, const float *bias, int64_t stride, int64_t depth,
                        int64_t columns) {
    float *out = packed_weight;
    for (int64_t j = 0; j < columns; j += WIDTH) {
        int64_t wide = (least(WIDTH, columns - j) + LANES - 1) / LANES * LANES;
        for (int64_t v = 0; v < wide; v += LANES)
            turn(weight + (j + v) * stride, stride, least(LANES, columns - j - v), depth, out + v,
                 wide);
        out += wide * depth;
    }
    for (int64_t j = 0; j < (columns + LANES - 1) / LANES * LANES; j++)
        packed_bias[j] = j < columns ? bias[j] : 0;
}

/* Where a tile goes, and which of its terms it has. */
struct target {
    float *y;
    int64_t stride, rows, columns;
    int first, last;
};

/* One tile of y: set when `first`, else added to; complete when `last`. `vectors` is a constant in
 * every call. */
static inline __attribute__((always_inline)) void tile(const float *restrict x,
                                                       const float *restrict weight,
                                                       const float *bias, int64_t depth,
                                                       const struct target *to, int vectors) {
    vector sum[ROWS][VECTORS];
    for (int r = 0; r < ROWS; r++)
        for (int v = 0; v < vectors; v++)
            sum[r][v] = (vector){0};
    for (int64_t p = 0; p < depth; p++, x += ROWS, weight += vectors * LANES) {
        vector right[VECTORS];
        for (int v = 0; v < vectors; v++)
            right[v] = *(const vector *)(weight + v * LANES);
        for (int r = 0; r < ROWS; r++)
            for (int v = 0; v < vectors; v++)
                sum[r][v] += x[r] * right[v];
    }
    float edge[ROWS][WIDTH] __attribute__((aligned(64)));
    const int whole = to->rows == ROWS && to->columns == vectors * LANES;
    float *out = whole ? to->y : &edge[0][0];
    const int64_t stride = whole ? to->stride : WIDTH;
    for (int64_t r = 0; !whole && !to->first && r < to->rows; r++)
        for (int64_t j = 0; j < to->columns; j++)
            edge[r][j] = to->y[r * to->stride + j];
    for (int r = 0; r < ROWS; r++)
        for (int v = 0; v < vectors; v++) {
            loose *place = (loose *)(out + r * stride + v * LANES);
            vector z = to->first ? sum[r][v] : *place + sum[r][v];
            *place = to->last ? gelu(z + *(const vector *)(bias + v * LANES)) : z;
        }
    for (int64_t r = 0; !whole && r < to->rows; r++)
        for (int64_t j = 0; j < to->columns; j++)
            to->y[r * to->stride + j] = edge[r][j];
}

/* packed_x times packed_weight. */
static void block(const struct target *to, int64_t depth) {
    const float *weight = packed_weight;
    for (int64_t j = 0; j < to->columns; j += WIDTH) {
        struct target part = *to;
        part.columns = least(WIDTH, to->columns - j);
        int64_t vectors = (part.columns + LANES - 1) / LANES;
        for (int64_t i = 0; i < to->rows; i += ROWS) {
            const float *x = packed_x + i * depth, *bias = packed_bias + j;
            part.y = to->y + i * to->stride + j;
            part.rows = least(ROWS, to->rows - i);
            if (vectors == VECTORS)
                tile(x, weight, bias, depth, &part, VECTORS);
            else if (vectors == 2)
                tile(x, weight, bias, depth, &part, 2);
            else
                tile(x, weight, bias, depth, &part, 1);
        }
        weight += depth * vectors * LANES;
    }
}

void solve(const float *x, const float *weight, const float *bias, float *y, int64_t m, int64_t n,
           int64_t k) {
    for (int64_t j = 0; j < n; j += SPAN)
        for (int64_t p = 0; p < k; p += DEPTH) {
            const int64_t columns = least(SPAN, n - j), depth = least(DEPTH, k - p);
            pack_weight(weight + j * k + p, bias + j, k, depth, columns);
            for (int64_t i = 0; i < m; i += HEIGHT) {
                struct target to = {.y = y + i * n + j,
                                    .stride = n,
                                    .rows = least(HEIGHT, m - i),
                                    .columns = columns,
                                    .first = p == 0,
                                    .last = p + depth == k};
                pack_x(x + i * k + p, k, to.rows, depth);
                block(&to, depth);
            }
        }
}
