/* Stockham's transform in steps of four: every pass reads four quarters of the signal in order and
 * writes their sums where the next pass wants them, so that nothing is put in reverse. After passes
 * of one and of four values in a row, which need shuffles, there are whole vectors in a row. Real
 * and imaginary parts are apart between the first pass and the last. */
#include <immintrin.h>
#include <stdint.h>

#define N_MAX 4096
#define SMALL 32 /* up to here signals are shorter than the vectors of all quarters */

#if defined __AVX512F__
#define LANES 16
typedef __m512 vector;

/* Four vectors of numbers: those of one place side by side, as a group of four. */
static inline void interleave(vector v[4]) {
    vector a = _mm512_unpacklo_ps(v[0], v[1]), b = _mm512_unpacklo_ps(v[2], v[3]);
    vector c = _mm512_unpackhi_ps(v[0], v[1]), d = _mm512_unpackhi_ps(v[2], v[3]);
    v[0] = _mm512_shuffle_ps(a, b, 0x44);
    v[1] = _mm512_shuffle_ps(a, b, 0xee);
    v[2] = _mm512_shuffle_ps(c, d, 0x44);
    v[3] = _mm512_shuffle_ps(c, d, 0xee);
}
/* Four vectors of groups of four: those of one place side by side. */
static inline void interleave_groups(vector v[4]) {
    vector a = _mm512_shuffle_f32x4(v[0], v[1], 0x44), b = _mm512_shuffle_f32x4(v[2], v[3], 0x44);
    vector c = _mm512_shuffle_f32x4(v[0], v[1], 0xee), d = _mm512_shuffle_f32x4(v[2], v[3], 0xee);
    v[0] = _mm512_shuffle_f32x4(a, b, 0x88);
    v[1] = _mm512_shuffle_f32x4(a, b, 0xdd);
    v[2] = _mm512_shuffle_f32x4(c, d, 0x88);
    v[3] = _mm512_shuffle_f32x4(c, d, 0xdd);
}
/* The first of every group of four, four times. */
static inline vector repeat(vector v) {
    return _mm512_shuffle_ps(v, v, 0);
}
static inline void load_pairs(const float *x, vector *re, vector *im) {
    const __m512i even = {0x200000000,  0x600000004,  0xa00000008,  0xe0000000c,
                          0x1200000010, 0x1600000014, 0x1a00000018, 0x1e0000001c};
    vector low = _mm512_loadu_ps(x), high = _mm512_loadu_ps(x + 16);
    *re = _mm512_permutex2var_ps(low, even, high);
    *im = _mm512_permutex2var_ps(low, _mm512_add_epi32(even, _mm512_set1_epi32(1)), high);
}
static inline void store_pairs(float *y, vector re, vector im) {
    vector a = _mm512_unpacklo_ps(re, im), b = _mm512_unpackhi_ps(re, im);
    vector low = _mm512_shuffle_f32x4(a, b, 0x44), high = _mm512_shuffle_f32x4(a, b, 0xee);
    _mm512_storeu_ps(y, _mm512_shuffle_f32x4(low, low, 0xd8));
    _mm512_storeu_ps(y + 16, _mm512_shuffle_f32x4(high, high, 0xd8));
}
#elif defined __AVX2__
#define LANES 8
typedef __m256 vector;

static inline void interleave(vector v[4]) {
    vector a = _mm256_unpacklo_ps(v[0], v[1]), b = _mm256_unpacklo_ps(v[2], v[3]);
    vector c = _mm256_unpackhi_ps(v[0], v[1]), d = _mm256_unpackhi_ps(v[2], v[3]);
    v[0] = _mm256_shuffle_ps(a, b, 0x44);
    v[1] = _mm256_shuffle_ps(a, b, 0xee);
    v[2] = _mm256_shuffle_ps(c, d, 0x44);
    v[3] = _mm256_shuffle_ps(c, d, 0xee);
}
static inline void interleave_groups(vector v[4]) {
    vector a = _mm256_permute2f128_ps(v[0], v[1], 0x20),
           b = _mm256_permute2f128_ps(v[2], v[3], 0x20);
    vector c = _mm256_permute2f128_ps(v[0], v[1], 0x31),
           d = _mm256_permute2f128_ps(v[2], v[3], 0x31);
    v[0] = a;
    v[1] = b;
    v[2] = c;
    v[3] = d;
}
static inline vector repeat(vector v) {
    return _mm256_shuffle_ps(v, v, 0);
}
static inline void load_pairs(const float *x, vector *re, vector *im) {
    vector low = _mm256_loadu_ps(x), high = _mm256_loadu_ps(x + 8);
    vector a = _mm256_permute2f128_ps(low, high, 0x20), b = _mm256_permute2f128_ps(low, high, 0x31);
    *re = _mm256_shuffle_ps(a, b, 0x88);
    *im = _mm256_shuffle_ps(a, b, 0xdd);
}
static inline void store_pairs(float *y, vector re, vector im) {
    vector a = _mm256_unpacklo_ps(re, im), b = _mm256_unpackhi_ps(re, im);
    _mm256_storeu_ps(y, _mm256_permute2f128_ps(a, b, 0x20));
    _mm256_storeu_ps(y + 8, _mm256_permute2f128_ps(a, b, 0x31));
}
#else
#define LANES 4
typedef float vector __attribute__((vector_size(16)));

static inline void interleave(vector v[4]) {
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < i; j++) {
            float swap = v[i][j];
            v[i][j] = v[j][i];
            v[j][i] = swap;
        }
}
static inline void interleave_groups(vector v[4]) {
    (void)v; /* a vector is one group */
}
static inline vector repeat(vector v) {
    return (vector){v[0], v[0], v[0], v[0]};
}
static inline void load_pairs(const float *x, vector *re, vector *im) {
    *re = (vector){x[0], x[2], x[4], x[6]};
    *im = (vector){x[1], x[3], x[5], x[7]};
}
static inline void store_pairs(float *y, vector re, vector im) {
    for (int i = 0; i < LANES; i++) {
        y[2 * i] = re[i];
        y[2 * i + 1] = im[i];
    }
}
#endif

struct signal {
    float re[N_MAX], im[N_MAX];
};

static struct signal buffers[2] __attribute__((aligned(64)));
/* exp(-2 pi i k j / n) for k = 1, 2, 3 and j below n / 4 (for k = 1, n <= SMALL, below n) */
static float cosines[3][N_MAX / 4] __attribute__((aligned(64)));
static float sines[3][N_MAX / 4] __attribute__((aligned(64)));

/* cos and -sin of 2 pi x, x in [0, 1): the nearest quarter turn is taken off, then Taylor's
 * polynomials. */
static inline void rotate(float x, float *cosine, float *sine) {
    float shifted = x * 4 + 12582912.0f; /* 1.5 * 2^23: a whole number stays in the low bits */
    int32_t quarters;
    __builtin_memcpy(&quarters, &shifted, 4);
    float r = (x - (shifted - 12582912.0f) * 0.25f) * 6.28318530718f, square = r * r;
    float s = -1.9841269841e-4f + 2.7557319224e-6f * square;
    s = s * square + 8.3333333333e-3f;
    s = s * square - 1.6666666667e-1f;
    s = s * square * r + r;
    float c = -1.3888888889e-3f + 2.4801587302e-5f * square;
    c = c * square + 4.1666666667e-2f;
    c = c * square - 0.5f;
    c = c * square + 1;
    float first = quarters & 1 ? s : c, second = quarters & 1 ? c : s;
    *cosine = (quarters + 1) & 2 ? -first : first;
    *sine = quarters & 2 ? second : -second;
}

static void prepare(int64_t n) {
    for (int k = 0; k < 3; k++) {
        const int32_t count = n > SMALL ? (int32_t)n / 4 : k ? 0 : (int32_t)n;
        const float step = (float)(k + 1) / (float)n;
#pragma omp simd simdlen(16)
        for (int32_t j = 0; j < count; j++)
            rotate((float)j * step, &cosines[k][j], &sines[k][j]);
    }
}

struct complex_vector {
    vector re, im;
};

static inline struct complex_vector rotated(struct complex_vector v, vector c, vector s) {
    return (struct complex_vector){v.re * c - v.im * s, v.re * s + v.im * c};
}

/* The four sums of four values, each still to be rotated. */
static inline void butterfly(struct complex_vector v[4]) {
    struct complex_vector a = {v[0].re + v[2].re, v[0].im + v[2].im};
    struct complex_vector b = {v[0].re - v[2].re, v[0].im - v[2].im};
    struct complex_vector c = {v[1].re + v[3].re, v[1].im + v[3].im};
    struct complex_vector d = {v[1].im - v[3].im, v[3].re - v[1].re}; /* times -i */
    v[0] = (struct complex_vector){a.re + c.re, a.im + c.im};
    v[1] = (struct complex_vector){b.re + d.re, b.im + d.im};
    v[2] = (struct complex_vector){a.re - c.re, a.im - c.im};
    v[3] = (struct complex_vector){b.re - d.re, b.im - d.im};
}

static inline struct complex_vector load(const struct signal *from, int64_t at) {
    return (struct complex_vector){*(const vector *)&from->re[at], *(const vector *)&from->im[at]};
}

static inline void store(struct signal *to, int64_t at, struct complex_vector v) {
    *(vector *)&to->re[at] = v.re;
    *(vector *)&to->im[at] = v.im;
}

/* The first pass, from pairs, when `x`; else the second. Rows of one or four values. */
static inline __attribute__((always_inline)) void start(const float *x, const struct signal *from,
                                                        struct signal *to, int64_t n) {
    for (int64_t i = 0; i < n / 4; i += LANES) {
        struct complex_vector v[4];
        for (int k = 0; k < 4; k++)
            if (x)
                load_pairs(x + 2 * (i + k * (n / 4)), &v[k].re, &v[k].im);
            else
                v[k] = load(from, i + k * (n / 4));
        butterfly(v);
        vector re[4] = {v[0].re}, im[4] = {v[0].im};
        for (int k = 1; k < 4; k++) {
            vector c = *(const vector *)&cosines[k - 1][i], s = *(const vector *)&sines[k - 1][i];
            struct complex_vector r = rotated(v[k], x ? c : repeat(c), x ? s : repeat(s));
            re[k] = r.re;
            im[k] = r.im;
        }
        if (x) {
            interleave(re);
            interleave(im);
        }
        interleave_groups(re);
        interleave_groups(im);
        for (int k = 0; k < 4; k++)
            store(to, 4 * i + k * LANES, (struct complex_vector){re[k], im[k]});
    }
}

/* Rows of `row` values: whole vectors with the same rotation. */
static void middle(const struct signal *from, struct signal *to, int64_t n, int64_t row) {
    for (int64_t first = 0; first < n / 4; first += row)
        for (int64_t i = first; i < first + row; i += LANES) {
            struct complex_vector v[4];
            for (int k = 0; k < 4; k++)
                v[k] = load(from, i + k * (n / 4));
            butterfly(v);
            store(to, 3 * first + i, v[0]);
            for (int k = 1; k < 4; k++) {
                vector c = (vector){0} + cosines[k - 1][first],
                       s = (vector){0} + sines[k - 1][first];
                store(to, 3 * first + i + k * row, rotated(v[k], c, s));
            }
        }
}

/* The last pass, of four or two sums, none of which is rotated. */
static void finish(const struct signal *from, float *y, int64_t n, int sums) {
    for (int64_t i = 0; i < n / sums; i += LANES) {
        struct complex_vector v[4];
        for (int k = 0; k < sums; k++)
            v[k] = load(from, i + k * (n / sums));
        if (sums == 4) {
            butterfly(v);
        } else {
            struct complex_vector a = v[0], b = v[1];
            v[0] = (struct complex_vector){a.re + b.re, a.im + b.im};
            v[1] = (struct complex_vector){a.re - b.re, a.im - b.im};
        }
        for (int k = 0; k < sums; k++)
            store_pairs(y + 2 * (i + k * (n / sums)), v[k].re, v[k].im);
    }
}

static void transform(const float *x, float *y, int64_t n) {
    struct signal *from = &buffers[0], *to = &buffers[1];
    start(x, 0, from, n);
    start(0, from, to, n);
    int64_t row = 16;
    for (; n / row > 4; row *= 4) {
        struct signal *swap = from;
        from = to;
        to = swap;
        middle(from, to, n, row);
    }
    if (n / row == 4)
        finish(to, y, n, 4);
    else
        finish(to, y, n, 2);
}

static void transform_small(const float *x, float *y, int64_t n) {
    for (int64_t k = 0; k < n; k++) {
        float re = 0, im = 0;
        for (int64_t j = 0; j < n; j++) {
            float c = cosines[0][j * k % n], s = sines[0][j * k % n];
            re += x[2 * j] * c - x[2 * j + 1] * s;
            im += x[2 * j] * s + x[2 * j + 1] * c;
        }
        y[2 * k] = re;
        y[2 * k + 1] = im;
    }
}

void solve(const float *x, float *y, int64_t batch, int64_t n) {
    prepare(n);
    for (int64_t b = 0; b < batch; b++)
        if (n > SMALL)
            transform(x + 2 * b * n, y + 2 * b * n, n);
        else
            transform_small(x + 2 * b * n, y + 2 * b * n, n);
}
