/* material.h - what memory is filled with before a call, element by element, for C, C++ and CUDA.
 *
 * A material is a stretch of memory and the rule that its elements are made by: an input drawn from
 * a seed (plugins/random.h), poison, a guard band. Whoever has a material has every element of it,
 * so a device can make inputs and poison in its own memory, and can tell afterwards what has
 * changed, without a byte on the way. Elements are made four at a time, as a block of random words
 * gives them; the same bits on every machine.
 *
 * Poison is drawn uniformly around the mean of what is wanted, as wide as that spreads; or it is
 * NaNs of any payload, one in four an infinity. It says nothing of the truth at any place.
 */
#ifndef HONE_MATERIAL_H
#define HONE_MATERIAL_H

#include "rounding.h"
#include "structure.h"

enum hone_material_kind {
    HONE_MATERIAL_NORMAL = 1, /* center is the mean; scales are hone_random_normal_scale()'s */
    HONE_MATERIAL_UNIFORM,    /* center is the low end, scale the step */
    HONE_MATERIAL_INTS,
    HONE_MATERIAL_BERNOULLI,
    HONE_MATERIAL_PERMUTATION, /* of as many as there are elements */
    HONE_MATERIAL_ZIPF,
    HONE_MATERIAL_CONSTANT, /* center */
    HONE_MATERIAL_POISON,   /* center +- spread; `seed` is its key */
    HONE_MATERIAL_WILD,     /* NaNs and infinities; the same */
    HONE_MATERIAL_GUARD,    /* bytes */
};

/* Elements are aligned to their size. Frozen. */
struct hone_material {
    uint64_t address, count; /* the first element, and how many */
    uint32_t kind, format;   /* enum hone_material_kind, enum hone_format */
    uint64_t seed;           /* of this call alone */
    uint64_t threshold;      /* bernoulli, and normal's outliers: of 2^32; 0: none */
    int64_t low, high;       /* ints, zipf: inclusive */
    double center, spread;
    float scale, outlier_scale;
    uint32_t argument; /* of the streams */
    uint32_t reserved;
};

/* A product and a sum that are not to be fused: what is drawn must not hang on the machine. */
#if defined(__CUDACC__)
#define HONE_MATERIAL_SCALED(center, scale, value) __fadd_rn(center, __fmul_rn(scale, value))
#define HONE_MATERIAL_SCALED_WIDE(center, scale, value) __dadd_rn(center, __dmul_rn(scale, value))
#else
#define HONE_MATERIAL_SCALED(center, scale, value) ((center) + (scale) * (value))
#define HONE_MATERIAL_SCALED_WIDE(center, scale, value) ((center) + (scale) * (value))
#endif

/* ---- poison and guards ---- */

HONE_RANDOM uint64_t hone_material_mix(uint64_t value) { /* splitmix64's finaliser */
    value ^= value >> 30;
    value *= 0xbf58476d1ce4e5b9u;
    value ^= value >> 27;
    value *= 0x94d049bb133111ebu;
    return value ^ value >> 31;
}

/* Counter-based: 32 bits for element `index` under `key` (the finaliser is Wellons' lowbias32). */
HONE_RANDOM uint32_t hone_poison_word(uint64_t key, uint32_t index) {
    uint32_t bits = index * 0x9e3779b9u + (uint32_t)key;
    bits ^= bits >> 16;
    bits *= 0x7feb352du;
    bits ^= (bits >> 15) + (uint32_t)(key >> 32);
    bits *= 0x846ca68bu;
    return bits ^ bits >> 16;
}

HONE_RANDOM double hone_poison_number(uint64_t key, double center, double scale, uint32_t index) {
    return HONE_MATERIAL_SCALED_WIDE(center, scale, (double)(int32_t)hone_poison_word(key, index));
}

/* In single precision, for the dtype that matters most. */
HONE_RANDOM float hone_poison_single(uint64_t key, float center, float scale, uint32_t index) {
    return HONE_MATERIAL_SCALED(center, scale, (float)(int32_t)hone_poison_word(key, index));
}

/* As a float's bits, whose top half is a bfloat's. */
HONE_RANDOM uint32_t hone_poison_wild(uint64_t key, uint32_t index) {
    const uint32_t noise = hone_poison_word(key, index);
    const uint32_t nan = 0x7fc00000u | (noise & 0x3fffffu);
    return (noise >> 30 ? nan : 0x7f800000u) | (noise << 2 & 0x80000000u);
}

HONE_RANDOM uint64_t hone_poison_wild_as(uint32_t format, uint32_t bits) {
    switch (format) {
    case HONE_FORMAT_F64:
        return (uint64_t)(bits & 0x80000000u) << 32 | 0x7ff0000000000000u |
               (uint64_t)(bits & 0x7fffffu) << 29;
    case HONE_FORMAT_F32:
        return bits;
    case HONE_FORMAT_F16: /* five bits of exponent */
        return (bits >> 16 & 0x8000u) | 0x7c00u | (bits >> 13 & 0x3ffu);
    default:
        return bits >> 16;
    }
}

HONE_RANDOM double hone_poison_whole(double value) { /* floor(), of what fits an int64_t */
    const double cut = (double)(int64_t)value;
    return cut > value ? cut - 1 : cut;
}

HONE_RANDOM uint64_t hone_poison_bits(const struct hone_material *material, uint32_t index) {
    const double scale = material->spread * 0x1p-31;
    if (material->kind == HONE_MATERIAL_WILD)
        return hone_poison_wild_as(material->format, hone_poison_wild(material->seed, index));
    if (material->format == HONE_FORMAT_F32)
        return hone_random_float_bits(
            hone_poison_single(material->seed, (float)material->center, (float)scale, index));
    double value = hone_poison_number(material->seed, material->center, scale, index);
    if (material->format > HONE_FORMAT_BF16)
        value = hone_poison_whole(value);
    return hone_narrow(material->format, value);
}

HONE_RANDOM uint64_t hone_guard_word(uint64_t seed, uint64_t index) {
    return hone_material_mix(seed + index * 0x9e3779b97f4a7c15u);
}

/* ---- inputs ---- */

/* Floats are rounded to single first, which a half or a bfloat is then made of; integers are whole
 * and in range. */
HONE_RANDOM uint64_t hone_input_bits(uint32_t format, double value) {
    switch (format) {
    case HONE_FORMAT_F64:
        return hone_bits_of_double(value);
    case HONE_FORMAT_F32:
        return hone_random_float_bits((float)value);
    case HONE_FORMAT_F16:
        return hone_random_to_f16((float)value);
    case HONE_FORMAT_BF16:
        return hone_random_to_bf16((float)value);
    case HONE_FORMAT_I64:
        return (uint64_t)(int64_t)value;
    case HONE_FORMAT_I32:
        return (uint32_t)(int32_t)value;
    default:
        return (uint8_t)value;
    }
}

HONE_RANDOM void hone_material_normals(const struct hone_material *material, uint64_t block,
                                       double values[4]) {
    uint32_t first[4], second[4], picks[4] = {0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu};
    hone_random_block(material->seed, block, material->argument, HONE_STREAM_VALUE, first);
    hone_random_block(material->seed, block, material->argument, HONE_STREAM_SECOND, second);
    if (material->threshold)
        hone_random_block(material->seed, block, material->argument, HONE_STREAM_OUTLIER, picks);
    for (int i = 0; i < 4; i++)
        values[i] = hone_random_normal(first[i], second[i],
                                       picks[i] < material->threshold ? material->outlier_scale
                                                                      : material->scale,
                                       material->center);
}

/* What takes long is written once: it is not worth its place in every loop. */
#ifdef __CUDACC__
#define HONE_MATERIAL_APART static __device__ __noinline__
#else
#define HONE_MATERIAL_APART static inline
#endif

HONE_MATERIAL_APART double hone_material_permuted(const struct hone_material *material,
                                                  uint64_t index) {
    const uint64_t different = (uint64_t)(material->high - material->low) + 1;
    if (material->kind == HONE_MATERIAL_ZIPF)
        return (double)material->low +
               (double)hone_random_zipf(material->seed, material->argument, different, index);
    return index < material->count ? (double)hone_random_permute(material->seed, material->argument,
                                                                 material->count, index)
                                   : 0;
}

HONE_RANDOM double hone_material_value(const struct hone_material *material, uint32_t word,
                                       uint64_t index) {
    switch (material->kind) {
    case HONE_MATERIAL_UNIFORM:
        return hone_random_uniform(word, material->center, material->scale);
    case HONE_MATERIAL_INTS:
        return (double)hone_random_integer(word, material->low, material->high);
    case HONE_MATERIAL_BERNOULLI:
        return word < material->threshold;
    case HONE_MATERIAL_CONSTANT:
        return material->center;
    default:
        return hone_material_permuted(material, index);
    }
}

/* Elements 4 * block and on, of which those past the end mean nothing. */
HONE_RANDOM void hone_material_bits(const struct hone_material *material, uint64_t block,
                                    uint64_t bits[4]) {
    double values[4];
    uint32_t words[4] = {0, 0, 0, 0};
    if (material->kind >= HONE_MATERIAL_POISON) {
        const uint64_t guard = hone_guard_word(material->seed, block / 2);
        for (uint32_t i = 0; i < 4; i++)
            bits[i] = material->kind == HONE_MATERIAL_GUARD
                          ? guard >> 8 * (4 * (block % 2) + i) & 0xff
                          : hone_poison_bits(material, (uint32_t)(4 * block) + i);
        return;
    }
    if (material->kind == HONE_MATERIAL_NORMAL) {
        hone_material_normals(material, block, values);
    } else {
        if (material->kind <= HONE_MATERIAL_BERNOULLI)
            hone_random_block(material->seed, block, material->argument, HONE_STREAM_VALUE, words);
        for (int i = 0; i < 4; i++)
            values[i] = hone_material_value(material, words[i], 4 * block + (uint64_t)i);
    }
    for (int i = 0; i < 4; i++)
        bits[i] = hone_input_bits(material->format, values[i]);
}

/* ---- what is seen of it after a call ---- */

enum hone_look_kind {
    HONE_LOOK_CHANGED = 1, /* what of a material is not as it was made */
    HONE_LOOK_OUTPUT,      /* what a call wrote over one */
    HONE_LOOK_FETCH,       /* into the host's memory of the region, all of it */
};

/* Elements that are not as they were made; and of an output, judged without a look at the truth:
 * those that still hold their poison, infinities that are it or wrong, and what is neither finite
 * nor poison. Places are UINT64_MAX where there is none. Frozen. */
struct hone_seen {
    uint64_t changed, first_changed, last_changed;
    uint64_t unwritten, poisoned_infinities, non_finite;
    uint64_t first_strange, first_same; /* not finite; finite, and its poison */
    uint64_t digest;                    /* of all bits, where a seed was given for it */
};

/* Elements in a row that are wanted: from `first` on, with so many before them in earlier rows.
 * Frozen. */
struct hone_run {
    uint64_t first, before;
};

/* A block's part of the sum that a digest is. Whoever does not know the seed cannot tell which
 * outputs would have the same. */
HONE_RANDOM uint64_t hone_digest_of(uint64_t seed, uint64_t block, const uint64_t *bits,
                                    uint32_t count) {
    uint64_t digest = hone_material_mix(seed + block);
    for (uint32_t i = 0; i < count; i++)
        digest = (digest ^ bits[i]) * 0x9e3779b97f4a7c15u + (digest >> 32);
    return hone_material_mix(digest ^ seed);
}

HONE_RANDOM int hone_bits_are_finite(uint32_t format, uint64_t bits) {
    switch (format) {
    case HONE_FORMAT_F64:
        return (bits & 0x7ff0000000000000u) != 0x7ff0000000000000u;
    case HONE_FORMAT_F32:
        return (bits & 0x7f800000u) != 0x7f800000u;
    case HONE_FORMAT_F16:
        return (bits & 0x7c00u) != 0x7c00u;
    case HONE_FORMAT_BF16:
        return (bits & 0x7f80u) != 0x7f80u;
    default:
        return 1;
    }
}

/* Of what is not finite. */
HONE_RANDOM int hone_bits_are_infinite(uint32_t format, uint64_t bits) {
    const uint64_t mantissa = format == HONE_FORMAT_F64   ? 0xfffffffffffffu
                              : format == HONE_FORMAT_F32 ? 0x7fffffu
                              : format == HONE_FORMAT_F16 ? 0x3ffu
                                                          : 0x7fu;
    return (bits & mantissa) == 0;
}

/* ---- signs ---- */

#define HONE_STREAM_SIGN 0x534d5053u

/* Two signs for each index of an axis, in two bits: a set bit is -1. A block has those of so many
 * indices. */
#define HONE_SIGNS_OF_BLOCK 64
HONE_RANDOM uint32_t hone_signs_in(const uint32_t words[4], uint64_t index) {
    return words[index / 16 % 4] >> 2 * (index % 16) & 3;
}

#endif
