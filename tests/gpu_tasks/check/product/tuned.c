/* The usual five loops (Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication",
 * 2008): a panel of b stays in the first-level cache, a block of a in the second, and a tile of c
 * in registers. Both are packed so that the innermost loop reads memory in order. */
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
#define DEPTH 192               /* terms of a block: a panel of b is 36 KB at most */
#define HEIGHT 192              /* rows of a block of a; a multiple of 8, 6 and 4 */
#define SPAN (WIDTH * 24)       /* columns of a block of b */

typedef float vector __attribute__((vector_size(LANES * 4)));
typedef float loose __attribute__((vector_size(LANES * 4), aligned(4)));

static float packed_a[HEIGHT * DEPTH] __attribute__((aligned(64)));
static float packed_b[DEPTH * SPAN] __attribute__((aligned(64)));

static inline int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* Strips of ROWS rows, each with its terms together; missing rows are zeros. */
static void pack_a(const float *a, int64_t stride, int64_t rows, int64_t depth) {
    float *out = packed_a;
    for (int64_t i = 0; i < rows; i += ROWS)
        for (int64_t p = 0; p < depth; p++)
            for (int64_t r = 0; r < ROWS; r++)
                *out++ = i + r < rows ? a[(i + r) * stride + p] : 0;
}

/* Panels of WIDTH columns; the last one is rounded up to whole vectors with zeros. */
static void pack_b(const float *b, int64_t stride, int64_t depth, int64_t columns) {
    float *out = packed_b;
    for (int64_t j = 0; j < columns; j += WIDTH) {
        int64_t wide = least(WIDTH, columns - j);
        int64_t padded = (wide + LANES - 1) / LANES * LANES;
        for (int64_t p = 0; p < depth; p++, out += padded) {
            const float *row = b + p * stride + j;
            if (wide == WIDTH) {
                for (int64_t x = 0; x < WIDTH; x++)
                    out[x] = row[x];
                continue;
            }
            for (int64_t x = 0; x < padded; x++)
                out[x] = x < wide ? row[x] : 0;
        }
    }
}

/* One tile of c: set when `first`, else added to. `vectors` is a constant in every call. */
static inline __attribute__((always_inline)) void tile(const float *restrict a,
                                                       const float *restrict b, float *restrict c,
                                                       int64_t stride, int64_t depth, int64_t rows,
                                                       int64_t columns, int vectors, int first) {
    vector sum[ROWS][VECTORS];
    for (int r = 0; r < ROWS; r++)
        for (int v = 0; v < vectors; v++)
            sum[r][v] = (vector){0};
    for (int64_t p = 0; p < depth; p++, a += ROWS, b += vectors * LANES) {
        vector right[VECTORS];
        for (int v = 0; v < vectors; v++)
            right[v] = *(const vector *)(b + v * LANES);
        for (int r = 0; r < ROWS; r++)
            for (int v = 0; v < vectors; v++)
                sum[r][v] += a[r] * right[v];
    }
    if (rows == ROWS && columns == vectors * LANES) {
        for (int r = 0; r < ROWS; r++)
            for (int v = 0; v < vectors; v++) {
                loose *out = (loose *)(c + r * stride + v * LANES);
                *out = first ? sum[r][v] : *out + sum[r][v];
            }
        return;
    }
    float edge[ROWS][WIDTH] __attribute__((aligned(64)));
    for (int r = 0; r < ROWS; r++)
        for (int v = 0; v < vectors; v++)
            *(vector *)&edge[r][v * LANES] = sum[r][v];
    for (int64_t r = 0; r < rows; r++)
        for (int64_t j = 0; j < columns; j++)
            c[r * stride + j] = first ? edge[r][j] : c[r * stride + j] + edge[r][j];
}

/* packed_a times packed_b. */
static void block(float *c, int64_t stride, int64_t rows, int64_t columns, int64_t depth,
                  int first) {
    const float *b = packed_b;
    for (int64_t j = 0; j < columns; j += WIDTH) {
        int64_t wide = least(WIDTH, columns - j);
        int64_t vectors = (wide + LANES - 1) / LANES;
        for (int64_t i = 0; i < rows; i += ROWS) {
            const float *a = packed_a + i * depth;
            float *out = c + i * stride + j;
            int64_t high = least(ROWS, rows - i);
            if (vectors == VECTORS)
                tile(a, b, out, stride, depth, high, wide, VECTORS, first);
            else if (vectors == 2)
                tile(a, b, out, stride, depth, high, wide, 2, first);
            else
                tile(a, b, out, stride, depth, high, wide, 1, first);
        }
        b += depth * vectors * LANES;
    }
}

void solve(const float *a, const float *b, float *c, int64_t m, int64_t n, int64_t k) {
    for (int64_t j = 0; j < n; j += SPAN)
        for (int64_t p = 0; p < k; p += DEPTH) {
            int64_t columns = least(SPAN, n - j), depth = least(DEPTH, k - p);
            pack_b(b + p * n + j, n, depth, columns);
            for (int64_t i = 0; i < m; i += HEIGHT) {
                int64_t rows = least(HEIGHT, m - i);
                pack_a(a + i * k + p, k, rows, depth);
                block(c + i * n + j, n, rows, columns, depth, p == 0);
            }
        }
}
