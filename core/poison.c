#include "core/judge.h"

#include "core/element.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define STRETCH HONE_POISON_STRETCH
#define PIECE 16u /* of a stretch */
#define REDRAWS 64

static uint64_t mix(uint64_t value) { /* splitmix64's finaliser */
    value ^= value >> 30;
    value *= 0xbf58476d1ce4e5b9u;
    value ^= value >> 27;
    value *= 0x94d049bb133111ebu;
    return value ^ value >> 31;
}

/* What the draws of one output have in common. */
struct draw {
    uint64_t key;
    double center, spread; /* uniform on center +- spread */
    bool whole;            /* integers */
    bool wild;             /* NaN and infinities */
};

static struct draw draw_of(const struct hone_judged_output *output, uint64_t seed,
                           uint32_t pattern) {
    struct draw draw = {.key = mix(seed + pattern * 0x9e3779b97f4a7c15u)};
    const double variance = output->rms * output->rms - output->mean * output->mean;
    const double tolerance = output->limits.atol + output->limits.rtol * output->rms;
    draw.whole = !hone_dtype_is_float(output->dtype);
    draw.wild = !draw.whole && pattern % HONE_POISON_PATTERNS == HONE_POISON_WILD;
    draw.center = output->mean;
    draw.spread = variance > 0 ? sqrt(3 * variance) : 0;
    if (output->dtype == HONE_U8) {
        draw.center = draw.spread = 128;
    } else if (output->dtype == HONE_U32 || output->dtype == HONE_U64) {
        draw.center = draw.spread = output->dtype == HONE_U32 ? 0x1p31 : 0x1p63;
    } else if (output->dtype == HONE_BOOL) {
        draw.center = 129;
        draw.spread = 127;
    } else if (draw.whole) {
        draw.spread = fmax(draw.spread, 1024);
    } else {
        /* A constant output, or one smaller than its tolerance, needs room to be wrong in. */
        draw.spread = fmax(draw.spread, 1e-3 * fabs(output->mean));
        if (isfinite(tolerance))
            draw.spread = fmax(draw.spread, 4 * tolerance);
        if (!(draw.spread > 0))
            draw.spread = 1;
    }
    return draw;
}

/* Counter-based: 32 bits for element `index` under `key` (the finaliser is Wellons' lowbias32). */
static inline uint32_t bits_of(uint64_t key, uint32_t index) {
    uint32_t bits = index * 0x9e3779b9u + (uint32_t)key;
    bits ^= bits >> 16;
    bits *= 0x7feb352du;
    bits ^= (bits >> 15) + (uint32_t)(key >> 32);
    bits *= 0x846ca68bu;
    return bits ^ bits >> 16;
}

HONE_VECTORISED static void draw_stretch(const struct draw *draw, int64_t first, uint32_t count,
                                         double *to) {
    const double center = draw->center, scale = draw->spread * 0x1p-31;
    const uint64_t key = draw->key;
    for (uint32_t i = 0; i < count; i++)
        to[i] = center + scale * (double)(int32_t)bits_of(key, (uint32_t)first + i);
}

/* In single precision, for the dtype that matters most. */
HONE_VECTORISED static void draw_f32(const struct draw *draw, int64_t first, uint32_t count,
                                     float *to) {
    const float center = (float)draw->center, scale = (float)(draw->spread * 0x1p-31);
    const uint64_t key = draw->key;
    for (uint32_t i = 0; i < count; i++)
        to[i] = center + scale * (float)(int32_t)bits_of(key, (uint32_t)first + i);
}

HONE_VECTORISED static void make_whole(double *values, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        values[i] = floor(values[i]);
}

/* NaNs of any payload; one in four is an infinity. As a float's bits, whose top half is a bfloat's.
 */
static inline uint32_t wild_bits(uint64_t key, uint32_t index) {
    const uint32_t noise = bits_of(key, index);
    const uint32_t nan = 0x7fc00000u | (noise & 0x3fffffu);
    return (noise >> 30 ? nan : 0x7f800000u) | (noise << 2 & 0x80000000u);
}

HONE_VECTORISED static void wild_f32(uint64_t key, uint32_t first, uint32_t count, uint32_t *to) {
    for (uint32_t i = 0; i < count; i++)
        to[i] = wild_bits(key, first + i);
}

static uint16_t wild_f16(uint32_t bits) { /* the same, with five bits of exponent */
    return (uint16_t)((bits >> 16 & 0x8000) | 0x7c00 | (bits >> 13 & 0x3ff));
}

static void wild_stretch(const struct draw *draw, enum hone_dtype dtype, int64_t first,
                         uint32_t count, void *to) {
    uint64_t *wide = to;
    uint16_t *small = to;
    uint32_t bits[STRETCH];
    wild_f32(draw->key, (uint32_t)first, count, dtype == HONE_F32 ? to : bits);
    for (uint32_t i = 0; dtype != HONE_F32 && i < count; i++)
        if (dtype == HONE_F64)
            wide[i] = (uint64_t)(bits[i] & 0x80000000u) << 32 | 0x7ff0000000000000u |
                      (uint64_t)(bits[i] & 0x7fffff) << 29;
        else
            small[i] = dtype == HONE_F16 ? wild_f16(bits[i]) : (uint16_t)(bits[i] >> 16);
}

/* A value as the buffer would hold it. */
static double stored(enum hone_dtype dtype, double value, void *bytes) {
    if (!hone_dtype_is_float(dtype))
        value = floor(value);
    hone_elements_write(dtype, &value, 1, bytes);
    hone_elements_read(dtype, bytes, 1, &value);
    return value;
}

/* Draw an element again until it is wrong, from ever wider ranges. That it is wrong is all it says
 * about the wanted value. */
static void redraw(const struct hone_judged_output *output, const struct draw *draw, int64_t index,
                   void *bytes) {
    const double wanted = output->wanted[index];
    double spread = draw->spread;
    for (uint32_t attempt = 1; attempt <= REDRAWS; attempt++) {
        uint32_t noise = bits_of(mix(draw->key + attempt), (uint32_t)index);
        double value = draw->center + spread * 0x1p-31 * (double)(int32_t)noise;
        value = stored(output->dtype, value, bytes);
        if (isfinite(value) && !hone_judge_right(output, value, wanted))
            return;
        if (!draw->whole && attempt % 4 == 0)
            spread *= 8;
    }
    stored(output->dtype, isfinite(wanted) ? NAN : 1, bytes);
}

HONE_VECTORISED static bool all_finite(const double *values, uint32_t count) {
    uint64_t strange = 0;
    for (uint32_t i = 0; i < count; i++)
        strange += !(fabs(values[i]) <= DBL_MAX);
    return strange == 0;
}

HONE_VECTORISED static uint32_t count_right(const double *got, const double *wanted, uint32_t count,
                                            double atol, double rtol) {
    uint64_t wrong =
        0; /* a NaN anywhere must count as doubtful, so it is the clear ones we count */
    for (uint32_t i = 0; i < count; i++)
        wrong += fabs(got[i] - wanted[i]) > (atol + rtol * fabs(wanted[i])) * 1.0000001;
    return count - (uint32_t)wrong;
}

HONE_VECTORISED static uint32_t count_right_f32(const float *got, const double *wanted,
                                                uint32_t count, double atol, double rtol) {
    uint64_t wrong = 0;
    for (uint32_t i = 0; i < count; i++)
        wrong += fabs((double)got[i] - wanted[i]) > (atol + rtol * fabs(wanted[i])) * 1.0000001;
    return count - (uint32_t)wrong;
}

/* The draws of a stretch, as the buffer holds them. */
static void fill_stretch(const struct draw *draw, enum hone_dtype dtype, int64_t first,
                         uint32_t count, void *to) {
    double values[STRETCH];
    if (dtype == HONE_F32) {
        draw_f32(draw, first, count, to);
        return;
    }
    draw_stretch(draw, first, count, values);
    if (draw->whole)
        make_whole(values, count);
    hone_elements_write(dtype, values, count, to);
}

static void draw_any(const struct draw *draw, enum hone_dtype dtype, int64_t first, uint32_t count,
                     void *to) {
    if (draw->wild)
        wild_stretch(draw, dtype, first, count, to);
    else
        fill_stretch(draw, dtype, first, count, to);
}

static void poison_stretch(const struct hone_judged_output *output, const struct draw *draw,
                           int64_t first, uint32_t count) {
    const uint32_t bytes = hone_dtype_bytes(output->dtype);
    char *to = (char *)output->got + first * bytes;
    double values[STRETCH];
    if (output->sample) { /* what is wanted is not known at most places */
        draw_any(draw, output->dtype, first, count, to);
        return;
    }
    const double *wanted = output->wanted + first;
    if (draw->wild) {
        wild_stretch(draw, output->dtype, first, count, to);
        if (all_finite(wanted, count))
            return;
        for (uint32_t i = 0; i < count; i++)
            if (!isfinite(wanted[i]))
                redraw(output, draw, first + i, to + i * bytes);
        return;
    }
    fill_stretch(draw, output->dtype, first, count, to);
    if (output->dtype == HONE_F32 && count_right_f32((const float *)(const void *)to, wanted, count,
                                                     output->limits.atol, output->limits.rtol) == 0)
        return;
    hone_elements_read(output->dtype, to, count, values);
    if (count_right(values, wanted, count, output->limits.atol, output->limits.rtol) == 0)
        return;
    /* Where tolerances are wide some draw of a stretch is always right: look closely at pieces. */
    for (uint32_t piece = 0, some; piece < count; piece += some) {
        some = count - piece < PIECE ? count - piece : PIECE;
        if (count_right(values + piece, wanted + piece, some, output->limits.atol,
                        output->limits.rtol) == 0)
            continue;
        for (uint32_t i = piece; i < piece + some; i++)
            if (!isfinite(values[i]) || hone_judge_right(output, values[i], wanted[i]))
                redraw(output, draw, first + i, to + i * bytes);
    }
}

void hone_judge_poison(const struct hone_judged_output *output, uint64_t seed, uint32_t pattern) {
    if (output->unpoisoned)
        return;
    const struct draw draw = draw_of(output, seed, pattern);
    for (int64_t first = 0; first < output->count; first += STRETCH) {
        int64_t left = output->count - first;
        poison_stretch(output, &draw, first, left < STRETCH ? (uint32_t)left : STRETCH);
    }
}

void hone_scratch_poison(enum hone_dtype dtype, int64_t count, void *to, uint64_t seed,
                         uint32_t pattern) {
    const struct hone_judged_output like = {.dtype = dtype, .rms = 1};
    const struct draw draw = draw_of(&like, seed, pattern);
    for (int64_t first = 0; first < count; first += STRETCH) {
        const uint32_t some = count - first < STRETCH ? (uint32_t)(count - first) : STRETCH;
        draw_any(&draw, dtype, first, some, (char *)to + first * hone_dtype_bytes(dtype));
    }
}

void hone_judge_poison_stretch(const struct hone_judged_output *output, uint64_t seed,
                               uint32_t pattern, int64_t first, uint32_t count, void *to) {
    const struct draw draw = draw_of(output, seed, pattern);
    draw_any(&draw, output->dtype, first, count, to);
}

bool hone_judge_poison_of(const struct hone_judged_output *output, uint64_t seed, uint32_t pattern,
                          int64_t index, void *bytes) {
    const struct draw draw = draw_of(output, seed, pattern);
    double value;
    if (output->sample) {
        draw_any(&draw, output->dtype, index, 1, bytes);
        hone_elements_read(output->dtype, bytes, 1, &value);
        return !isinf(value);
    }
    const double wanted = output->wanted[index];
    if (draw.wild && isfinite(wanted)) {
        wild_stretch(&draw, output->dtype, index, 1, bytes);
        hone_elements_read(output->dtype, bytes, 1, &value);
        return !isinf(value);
    }
    fill_stretch(&draw, output->dtype, index, 1, bytes);
    hone_elements_read(output->dtype, bytes, 1, &value);
    if (draw.wild || !isfinite(value) || hone_judge_right(output, value, wanted))
        redraw(output, &draw, index, bytes);
    return true;
}

static uint64_t guard_word(uint64_t seed, uint64_t index) {
    return mix(seed + index * 0x9e3779b97f4a7c15u);
}

void hone_guard_fill(void *band, uint64_t bytes, uint64_t seed) {
    for (uint64_t i = 0; i < bytes; i += 8) {
        uint64_t word = guard_word(seed, i / 8);
        memcpy((char *)band + i, &word, bytes - i < 8 ? bytes - i : 8);
    }
}

HONE_VECTORISED bool hone_guard_intact(const void *band, uint64_t bytes, uint64_t seed) {
    const char *at = band;
    uint64_t changed = 0, word, i = 0;
    for (; i + 8 <= bytes; i += 8) {
        memcpy(&word, at + i, 8);
        changed |= word ^ guard_word(seed, i / 8);
    }
    word = guard_word(seed, i / 8);
    return changed == 0 && memcmp(at + i, &word, bytes - i) == 0;
}

uint64_t hone_guard_changed(const void *band, uint64_t bytes, uint64_t seed, uint64_t *first,
                            uint64_t *last) {
    const unsigned char *at = band;
    uint64_t changed = 0;
    for (uint64_t i = 0; i < bytes; i++) {
        uint64_t word = guard_word(seed, i / 8);
        unsigned char expected[8];
        memcpy(expected, &word, sizeof expected);
        if (at[i] == expected[i % 8])
            continue;
        if (changed++ == 0)
            *first = i;
        *last = i;
    }
    return changed;
}
