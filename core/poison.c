#include "core/judge.h"

#include "core/element.h"
#include "plugins/material.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define STRETCH HONE_POISON_STRETCH
#define PIECE 16u /* of a stretch */
#define REDRAWS 64

/* What the draws of one output have in common. */
static struct hone_material draw_of(const struct hone_judged_output *output, uint64_t seed,
                                    uint32_t pattern) {
    const bool whole = !hone_dtype_is_float(output->dtype);
    const bool wild = !whole && pattern % HONE_POISON_PATTERNS == HONE_POISON_WILD;
    struct hone_material draw = {
        .count = (uint64_t)output->count,
        .kind = wild ? HONE_MATERIAL_WILD : HONE_MATERIAL_POISON,
        .format = output->dtype,
        .seed = hone_material_mix(seed + pattern * 0x9e3779b97f4a7c15u),
    };
    const double variance = output->rms * output->rms - output->mean * output->mean;
    const double tolerance = output->limits.atol + output->limits.rtol * output->rms;
    draw.center = output->mean;
    draw.spread = variance > 0 ? sqrt(3 * variance) : 0;
    if (output->dtype == HONE_U8) {
        draw.center = draw.spread = 128;
    } else if (output->dtype == HONE_BOOL) {
        draw.center = 129;
        draw.spread = 127;
    } else if (whole) {
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

HONE_VECTORISED static void draw_stretch(const struct hone_material *draw, int64_t first,
                                         uint32_t count, double *to) {
    const double center = draw->center, scale = draw->spread * 0x1p-31;
    const uint64_t key = draw->seed;
    for (uint32_t i = 0; i < count; i++)
        to[i] = hone_poison_number(key, center, scale, (uint32_t)first + i);
}

HONE_VECTORISED static void draw_f32(const struct hone_material *draw, int64_t first,
                                     uint32_t count, float *to) {
    const float center = (float)draw->center, scale = (float)(draw->spread * 0x1p-31);
    const uint64_t key = draw->seed;
    for (uint32_t i = 0; i < count; i++)
        to[i] = hone_poison_single(key, center, scale, (uint32_t)first + i);
}

HONE_VECTORISED static void make_whole(double *values, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        values[i] = floor(values[i]);
}

HONE_VECTORISED static void wild_f32(uint64_t key, uint32_t first, uint32_t count, uint32_t *to) {
    for (uint32_t i = 0; i < count; i++)
        to[i] = hone_poison_wild(key, first + i);
}

static void wild_stretch(const struct hone_material *draw, enum hone_dtype dtype, int64_t first,
                         uint32_t count, void *to) {
    uint64_t *wide = to;
    uint16_t *small = to;
    uint32_t bits[STRETCH];
    wild_f32(draw->seed, (uint32_t)first, count, dtype == HONE_F32 ? to : bits);
    for (uint32_t i = 0; dtype != HONE_F32 && i < count; i++)
        if (dtype == HONE_F64)
            wide[i] = hone_poison_wild_as(dtype, bits[i]);
        else
            small[i] = (uint16_t)hone_poison_wild_as(dtype, bits[i]);
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
static void redraw(const struct hone_judged_output *output, const struct hone_material *draw,
                   int64_t index, void *bytes) {
    const double wanted = output->wanted[index];
    double spread = draw->spread;
    for (uint32_t attempt = 1; attempt <= REDRAWS; attempt++) {
        uint32_t noise = hone_poison_word(hone_material_mix(draw->seed + attempt), (uint32_t)index);
        double value = draw->center + spread * 0x1p-31 * (double)(int32_t)noise;
        value = stored(output->dtype, value, bytes);
        if (isfinite(value) && !hone_judge_right(output, value, wanted))
            return;
        if (hone_dtype_is_float(output->dtype) && attempt % 4 == 0)
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
static void fill_stretch(const struct hone_material *draw, enum hone_dtype dtype, int64_t first,
                         uint32_t count, void *to) {
    double values[STRETCH];
    if (dtype == HONE_F32) {
        draw_f32(draw, first, count, to);
        return;
    }
    draw_stretch(draw, first, count, values);
    if (!hone_dtype_is_float(dtype))
        make_whole(values, count);
    hone_elements_write(dtype, values, count, to);
}

static void draw_any(const struct hone_material *draw, enum hone_dtype dtype, int64_t first,
                     uint32_t count, void *to) {
    if (draw->kind == HONE_MATERIAL_WILD)
        wild_stretch(draw, dtype, first, count, to);
    else
        fill_stretch(draw, dtype, first, count, to);
}

static void poison_stretch(const struct hone_judged_output *output,
                           const struct hone_material *draw, int64_t first, uint32_t count) {
    const uint32_t bytes = hone_dtype_bytes(output->dtype);
    char *to = (char *)output->got + first * bytes;
    double values[STRETCH];
    if (output->sample) { /* what is wanted is not known at most places */
        draw_any(draw, output->dtype, first, count, to);
        return;
    }
    const double *wanted = output->wanted + first;
    if (draw->kind == HONE_MATERIAL_WILD) {
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
    const struct hone_material draw = draw_of(output, seed, pattern);
    for (int64_t first = 0; first < output->count; first += STRETCH) {
        int64_t left = output->count - first;
        poison_stretch(output, &draw, first, left < STRETCH ? (uint32_t)left : STRETCH);
    }
}

struct hone_material hone_scratch_material(enum hone_dtype dtype, int64_t count, uint64_t seed,
                                           uint32_t pattern) {
    const struct hone_judged_output like = {.dtype = dtype, .count = count, .rms = 1};
    return draw_of(&like, seed, pattern);
}

void hone_scratch_poison(enum hone_dtype dtype, int64_t count, void *to, uint64_t seed,
                         uint32_t pattern) {
    const struct hone_material draw = hone_scratch_material(dtype, count, seed, pattern);
    for (int64_t first = 0; first < count; first += STRETCH) {
        const uint32_t some = count - first < STRETCH ? (uint32_t)(count - first) : STRETCH;
        draw_any(&draw, dtype, first, some, (char *)to + first * hone_dtype_bytes(dtype));
    }
}

void hone_judge_poison_stretch(const struct hone_judged_output *output, uint64_t seed,
                               uint32_t pattern, int64_t first, uint32_t count, void *to) {
    const struct hone_material draw = draw_of(output, seed, pattern);
    draw_any(&draw, output->dtype, first, count, to);
}

struct hone_material hone_judge_material(const struct hone_judged_output *output, uint64_t seed,
                                         uint32_t pattern) {
    return draw_of(output, seed, pattern);
}

bool hone_judge_poison_of(const struct hone_judged_output *output, uint64_t seed, uint32_t pattern,
                          int64_t index, void *bytes) {
    const struct hone_material draw = draw_of(output, seed, pattern);
    double value;
    if (output->sample) {
        draw_any(&draw, output->dtype, index, 1, bytes);
        hone_elements_read(output->dtype, bytes, 1, &value);
        return !isinf(value);
    }
    const double wanted = output->wanted[index];
    if (draw.kind == HONE_MATERIAL_WILD && isfinite(wanted)) {
        wild_stretch(&draw, output->dtype, index, 1, bytes);
        hone_elements_read(output->dtype, bytes, 1, &value);
        return !isinf(value);
    }
    fill_stretch(&draw, output->dtype, index, 1, bytes);
    hone_elements_read(output->dtype, bytes, 1, &value);
    if (draw.kind == HONE_MATERIAL_WILD || !isfinite(value) ||
        hone_judge_right(output, value, wanted))
        redraw(output, &draw, index, bytes);
    return true;
}

void hone_guard_fill(void *band, uint64_t bytes, uint64_t seed) {
    for (uint64_t i = 0; i < bytes; i += 8) {
        uint64_t word = hone_guard_word(seed, i / 8);
        memcpy((char *)band + i, &word, bytes - i < 8 ? bytes - i : 8);
    }
}

HONE_VECTORISED bool hone_guard_intact(const void *band, uint64_t bytes, uint64_t seed) {
    const char *at = band;
    uint64_t changed = 0, word, i = 0;
    for (; i + 8 <= bytes; i += 8) {
        memcpy(&word, at + i, 8);
        changed |= word ^ hone_guard_word(seed, i / 8);
    }
    word = hone_guard_word(seed, i / 8);
    return changed == 0 && memcmp(at + i, &word, bytes - i) == 0;
}

uint64_t hone_guard_changed(const void *band, uint64_t bytes, uint64_t seed, uint64_t *first,
                            uint64_t *last) {
    const unsigned char *at = band;
    uint64_t changed = 0;
    for (uint64_t i = 0; i < bytes; i++) {
        uint64_t word = hone_guard_word(seed, i / 8);
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
