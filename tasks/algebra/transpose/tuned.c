/* Tiles that fit the registers, in blocks that fit the first-level cache and few pages. */
#include <immintrin.h>
#include <stdint.h>

#define BLOCK 64

static inline int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

#if defined __AVX512F__
#define TILE 16

/* 16 x 16: pairs, then quads, then 128-bit lanes change places. Edges are masked. */
static inline void tile(const float *x, float *y, int64_t m, int64_t n, int64_t rows,
                        int64_t columns) {
    __m512 a[16], b[16];
    __mmask16 across = (__mmask16)((1u << columns) - 1), down = (__mmask16)((1u << rows) - 1);
    for (int i = 0; i < 16; i++)
        a[i] = i < rows ? _mm512_maskz_loadu_ps(across, x + i * n) : _mm512_setzero_ps();
    for (int i = 0; i < 16; i += 2) {
        b[i] = _mm512_unpacklo_ps(a[i], a[i + 1]);
        b[i + 1] = _mm512_unpackhi_ps(a[i], a[i + 1]);
    }
    for (int i = 0; i < 16; i += 4)
        for (int j = 0; j < 2; j++) {
            __m512d low = _mm512_castps_pd(b[i + j]), high = _mm512_castps_pd(b[i + j + 2]);
            a[i + 2 * j] = _mm512_castpd_ps(_mm512_unpacklo_pd(low, high));
            a[i + 2 * j + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(low, high));
        }
    for (int i = 0; i < 4; i++) { /* lane l of a[4 q + i] is column 4 l + i of rows 4 q.. */
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
    for (int j = 0; j < 16; j++)
        if (j < columns)
            _mm512_mask_storeu_ps(y + j * m, down, a[j]);
}
#elif defined __AVX2__
#define TILE 8

static inline void tile(const float *x, float *y, int64_t m, int64_t n, int64_t rows,
                        int64_t columns) {
    if (rows < 8 || columns < 8) {
        for (int64_t i = 0; i < rows; i++)
            for (int64_t j = 0; j < columns; j++)
                y[j * m + i] = x[i * n + j];
        return;
    }
    __m256 a[8], b[8];
    for (int i = 0; i < 8; i++)
        a[i] = _mm256_loadu_ps(x + i * n);
    for (int i = 0; i < 8; i += 2) {
        b[i] = _mm256_unpacklo_ps(a[i], a[i + 1]);
        b[i + 1] = _mm256_unpackhi_ps(a[i], a[i + 1]);
    }
    for (int i = 0; i < 8; i += 4)
        for (int j = 0; j < 2; j++) {
            a[i + 2 * j] = _mm256_shuffle_ps(b[i + j], b[i + j + 2], 0x44);
            a[i + 2 * j + 1] = _mm256_shuffle_ps(b[i + j], b[i + j + 2], 0xee);
        }
    for (int i = 0; i < 4; i++) {
        _mm256_storeu_ps(y + i * m, _mm256_permute2f128_ps(a[i], a[i + 4], 0x20));
        _mm256_storeu_ps(y + (i + 4) * m, _mm256_permute2f128_ps(a[i], a[i + 4], 0x31));
    }
}
#else
#define TILE 8

static inline void tile(const float *x, float *y, int64_t m, int64_t n, int64_t rows,
                        int64_t columns) {
    for (int64_t j = 0; j < columns; j++)
        for (int64_t i = 0; i < rows; i++)
            y[j * m + i] = x[i * n + j];
}
#endif

void solve(const float *x, float *y, int64_t m, int64_t n) {
    for (int64_t top = 0; top < m; top += BLOCK)
        for (int64_t left = 0; left < n; left += BLOCK)
            for (int64_t j = left; j < least(left + BLOCK, n); j += TILE)
                for (int64_t i = top; i < least(top + BLOCK, m); i += TILE)
                    tile(x + i * n + j, y + j * m + i, m, n, least(TILE, m - i),
                         least(TILE, n - j));
}
