/* The image is copied once with its border of zeros. There a whole image is one row: outputs are
 * computed for consecutive places of the padded image, whatever row they are in, and those that
 * fall on the border are dropped. So all vectors are full, even where rows are short. A tile of
 * outputs, several filters by several vectors, stays in registers over all channels. */
#include <stdint.h>

#if defined __AVX512F__
#define LANES 16
#define FILTERS 8
#define VECTORS 3
#elif defined __AVX2__
#define LANES 8
#define FILTERS 4
#define VECTORS 3
#else
#define LANES 4
#define FILTERS 4
#define VECTORS 2
#endif

#define WIDTH (LANES * VECTORS)
#define IMAGE_MAX 524288  /* c (h + 2) (w + 2) */
#define WEIGHTS_MAX 32768 /* o c */

typedef float vector __attribute__((vector_size(LANES * 4)));
typedef float loose __attribute__((vector_size(LANES * 4), aligned(4)));

/* Tiles read past the end of the last channel. */
static float padded[IMAGE_MAX + 2 * 514 + 2 + 2 * WIDTH] __attribute__((aligned(64)));
/* For FILTERS filters at a time: channel, element, filter. */
static float packed[9 * (WEIGHTS_MAX + FILTERS * 512)] __attribute__((aligned(64)));

static void pad(const float *x, int64_t c, int64_t h, int64_t w) {
    float *out = padded;
    for (int64_t q = 0; q < c; q++)
        for (int64_t i = -1; i <= h; i++) {
            const int inner = i >= 0 && i < h;
            *out++ = 0;
            for (int64_t j = 0; j < w; j++)
                out[j] = inner ? x[(q * h + i) * w + j] : 0;
            out += w;
            *out++ = 0;
        }
}

static void pack(const float *weight, int64_t c, int64_t o) {
    float *out = packed;
    for (int64_t first = 0; first < o; first += FILTERS)
        for (int64_t tap = 0; tap < 9 * c; tap++)
            for (int64_t f = first; f < first + FILTERS; f++)
                *out++ = f < o ? weight[f * 9 * c + tap] : 0;
}

/* FILTERS filters at `vectors` vectors of places, which is a constant in every call. */
static inline __attribute__((always_inline)) void tile(const float *in, const float *weight,
                                                       float out[FILTERS][WIDTH], int64_t c,
                                                       int64_t area, int64_t stride, int vectors) {
    vector sum[FILTERS][VECTORS];
    for (int f = 0; f < FILTERS; f++)
        for (int v = 0; v < vectors; v++)
            sum[f][v] = (vector){0};
    for (int64_t q = 0; q < c; q++, in += area)
        for (int p = 0; p < 3; p++)
            for (int r = 0; r < 3; r++, weight += FILTERS) {
                vector right[VECTORS];
                for (int v = 0; v < vectors; v++)
                    right[v] = *(const loose *)(in + p * stride + r + v * LANES);
                for (int f = 0; f < FILTERS; f++)
                    for (int v = 0; v < vectors; v++)
                        sum[f][v] += weight[f] * right[v];
            }
    for (int f = 0; f < FILTERS; f++)
        for (int v = 0; v < vectors; v++)
            *(vector *)&out[f][v * LANES] = sum[f][v];
}

/* Places `at` .. `at + count` of one filter, from padded coordinates to those of y. */
static inline void finish(const float *sums, float bias, float *y, int64_t at, int64_t count,
                          int64_t w) {
    int64_t i = at / (w + 2), j = at % (w + 2);
    for (int64_t done = 0; done < count; i++, j = 0) {
        int64_t run = w + 2 - j < count - done ? w + 2 - j : count - done;
        int64_t inner = w - j < run ? w - j : run;
        float *out = y + i * w + j;
#pragma omp simd
        for (int64_t place = 0; place < inner; place++) {
            float value = sums[done + place] + bias;
            out[place] = value > 0 ? value : 0;
        }
        done += run;
    }
}

static void convolve(const float *bias, float *y, int64_t c, int64_t h, int64_t w, int64_t o) {
    const int64_t stride = w + 2, area = (h + 2) * stride, places = h * stride - 2;
    float sums[FILTERS][WIDTH] __attribute__((aligned(64)));
    for (int64_t at = 0; at < places; at += WIDTH) {
        const int64_t count = places - at < WIDTH ? places - at : WIDTH;
        for (int64_t first = 0; first < o; first += FILTERS) {
            const float *weight = packed + first * 9 * c;
            if (count > (VECTORS - 1) * LANES)
                tile(padded + at, weight, sums, c, area, stride, VECTORS);
            else if (count > LANES)
                tile(padded + at, weight, sums, c, area, stride, 2);
            else
                tile(padded + at, weight, sums, c, area, stride, 1);
            for (int64_t f = first; f < o && f < first + FILTERS; f++)
                finish(sums[f - first], bias[f], y + f * h * w, at, count, w);
        }
    }
}

void solve(const float *x, const float *weight, const float *bias, float *y, int64_t n, int64_t c,
           int64_t h, int64_t w, int64_t o) {
    pack(weight, c, o);
    for (int64_t b = 0; b < n; b++) {
        pad(x + b * c * h * w, c, h, w);
        convolve(bias, y + b * o * h * w, c, h, w, o);
    }
}
