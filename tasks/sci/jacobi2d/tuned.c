/* Several sweeps in one pass over the grid: while row i is read, the first sweep is at row i - 1,
 * the second at row i - 2 and so on, each with its last three rows in a ring that stays in the
 * first-level cache. The last sweep of a pass writes to u, behind every row that is still to be
 * read, so that all passes but the first work in place. */
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

#define DEPTH 4 /* sweeps of a pass */
#define WIDTH_MAX 8192

typedef float loose __attribute__((vector_size(LANES * 4), aligned(4)));

/* Rings of three rows; a row is followed by a cache line, so that rows do not share their sets. */
static float rings[(DEPTH - 1) * 3 * (WIDTH_MAX + 32)] __attribute__((aligned(64)));

static inline void mean(const float *up, const float *row, const float *down, float *out) {
    *(loose *)out =
        ((*(const loose *)up + *(const loose *)down) +
         (*(const loose *)(row - 1) + *(const loose *)(row + 1)) + *(const loose *)row) *
        0.2f;
}

/* Whole vectors from column LANES on, none of which holds the last column. Neighbours to the left
 * and right come from vectors at hand where the processor can shift two into one: a load that
 * straddles cache lines costs two. */
static inline void middle(const float *up, const float *row, const float *down, float *out,
                          int64_t w) {
    int64_t j = LANES;
#if defined __AVX512F__
    __m512i before = _mm512_loadu_si512(row), here = _mm512_loadu_si512(row + LANES);
    for (; j + 2 * LANES <= w; j += LANES) {
        __m512i after = _mm512_loadu_si512(row + j + LANES);
        loose left = (loose)_mm512_alignr_epi32(here, before, 15);
        loose right = (loose)_mm512_alignr_epi32(after, here, 1);
        *(loose *)(out + j) = ((*(const loose *)(up + j) + *(const loose *)(down + j)) +
                               (left + right) + (loose)here) *
                              0.2f;
        before = here;
        here = after;
    }
#endif
    for (; j + LANES < w; j += LANES)
        mean(up + j, row + j, down + j, out + j);
}

/* One row of one sweep; `up` and `down` are its neighbours. Whole vectors only, the first and the
 * last of which overlap others. */
static inline void smooth(const float *up, const float *row, const float *down, float *out,
                          int64_t w) {
    const int64_t last = w - 1 - LANES;
    if (last < 1) {
        for (int64_t j = 1; j < w - 1; j++)
            out[j] = ((up[j] + down[j]) + (row[j - 1] + row[j + 1]) + row[j]) * 0.2f;
    } else {
        mean(up + 1, row + 1, down + 1, out + 1);
        middle(up, row, down, out, w);
        mean(up + last, row + last, down + last, out + last);
    }
    out[0] = row[0];
    out[w - 1] = row[w - 1];
}

/* Where row i is after `sweep` sweeps of a pass of `depth`. */
static inline float *place(const float *from, float *to, int64_t w, int64_t depth, int64_t sweep,
                           int64_t i) {
    const int64_t stride = (w + 15) / 16 * 16 + 16;
    if (sweep == 0)
        return (float *)from + i * w;
    return sweep == depth ? to + i * w : rings + ((sweep - 1) * 3 + i % 3) * stride;
}

/* `depth` sweeps from one grid to another, or to the same one when there are at least two. */
static void advance(const float *from, float *to, int64_t h, int64_t w, int64_t depth) {
    for (int64_t front = 0; front < h + depth; front++)
        for (int64_t sweep = 1; sweep <= depth; sweep++) {
            int64_t i = front - sweep;
            if (i < 0 || i >= h)
                continue;
            const float *row = place(from, to, w, depth, sweep - 1, i);
            float *out = place(from, to, w, depth, sweep, i);
            if (i > 0 && i < h - 1)
                smooth(place(from, to, w, depth, sweep - 1, i - 1), row,
                       place(from, to, w, depth, sweep - 1, i + 1), out, w);
            else if (out != row)
                memcpy(out, row, (size_t)w * sizeof *out);
        }
}

void solve(const float *u0, float *u, int64_t h, int64_t w, int64_t steps) {
    if (steps == 0 || h < 3 || w < 3) {
        memcpy(u, u0, (size_t)(h * w) * sizeof *u);
        return;
    }
    /* Passes as even as can be: one of a single sweep could not work in place. */
    int64_t passes = (steps + DEPTH - 1) / DEPTH;
    for (int64_t pass = 0, done = 0; pass < passes; pass++) {
        int64_t depth = (steps - done + passes - pass - 1) / (passes - pass);
        advance(pass == 0 ? u0 : u, u, h, w, depth);
        done += depth;
    }
}
