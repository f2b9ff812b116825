#include "core/element.h"

#include <math.h>
#include <string.h>

HONE_VECTORISED static void read_f32(const float *from, uint32_t count, double *to) {
    for (uint32_t i = 0; i < count; i++)
        to[i] = (double)from[i];
}

HONE_VECTORISED static void read_bf16(const uint16_t *from, uint32_t count, double *to) {
    for (uint32_t i = 0; i < count; i++) {
        uint32_t bits = (uint32_t)from[i] << 16;
        float value;
        memcpy(&value, &bits, sizeof value);
        to[i] = (double)value;
    }
}

/* The bits of a half, moved into a float's places, are the value times 2^-112; that also holds for
 * subnormals. Infinity and NaN need the float's own exponent. */
HONE_VECTORISED static void read_f16(const uint16_t *from, uint32_t count, double *to) {
    for (uint32_t i = 0; i < count; i++) {
        uint32_t magnitude = (uint32_t)(from[i] & 0x7fff) << 13;
        float value;
        memcpy(&value, &magnitude, sizeof value);
        value *= 0x1p112f;
        uint32_t bits;
        memcpy(&bits, &value, sizeof bits);
        if (magnitude >= 0x7c00u << 13)
            bits = magnitude | 0x7f800000u;
        bits |= (uint32_t)(from[i] & 0x8000) << 16;
        memcpy(&value, &bits, sizeof value);
        to[i] = (double)value;
    }
}

HONE_VECTORISED static void read_i32(const int32_t *from, uint32_t count, double *to) {
    for (uint32_t i = 0; i < count; i++)
        to[i] = from[i];
}

void hone_elements_read(enum hone_dtype dtype, const void *from, uint32_t count, double *to) {
    const int64_t *wide = from;
    const uint8_t *bytes = from;
    switch (dtype) {
    case HONE_F64:
        memcpy(to, from, count * sizeof *to);
        break;
    case HONE_F32:
        read_f32(from, count, to);
        break;
    case HONE_F16:
        read_f16(from, count, to);
        break;
    case HONE_BF16:
        read_bf16(from, count, to);
        break;
    case HONE_I64:
        for (uint32_t i = 0; i < count; i++)
            to[i] = (double)wide[i];
        break;
    case HONE_I32:
        read_i32(from, count, to);
        break;
    case HONE_U8:
    case HONE_BOOL:
        for (uint32_t i = 0; i < count; i++)
            to[i] = bytes[i];
        break;
    case HONE_U32:
        for (uint32_t i = 0; i < count; i++)
            to[i] = ((const uint32_t *)from)[i];
        break;
    case HONE_U64:
        for (uint32_t i = 0; i < count; i++)
            to[i] = (double)((const uint64_t *)from)[i];
        break;
    }
}

HONE_VECTORISED static void write_f32(const double *from, uint32_t count, float *to) {
    for (uint32_t i = 0; i < count; i++)
        to[i] = (float)from[i];
}

/* A 16-bit float with `mantissa` explicit bits, rounded once from the double. A normal number is
 * rounded as an integer: a carry out of the mantissa lands in the exponent. A subnormal is a number
 * of steps, which adding 2^52 of them leaves in the low bits of the sum. No branches: loops over it
 * are vectorised. */
static inline uint16_t to_small_float(double value, int mantissa) {
    const int bias = (1 << (14 - mantissa)) - 1, dropped = 52 - mantissa;
    const uint64_t infinity = 0x7fff & ~((1ull << mantissa) - 1);
    const double least_normal = mantissa == 10 ? 0x1p-14 : 0x1p-126;
    const double all_steps = mantissa == 10 ? 0x1p28 : 0x1p-81;
    const double magnitude = fabs(value), sum = magnitude + all_steps;
    uint64_t signed_bits, bits, sum_bits, zero_bits;
    memcpy(&signed_bits, &value, sizeof bits);
    memcpy(&bits, &magnitude, sizeof bits);
    memcpy(&sum_bits, &sum, sizeof bits);
    memcpy(&zero_bits, &all_steps, sizeof bits);
    const uint64_t even = (1ull << (dropped - 1)) - 1 + (bits >> dropped & 1);
    const uint64_t normal = ((bits + even) >> dropped) - ((uint64_t)(1023 - bias) << mantissa);
    uint64_t small = magnitude < least_normal ? sum_bits - zero_bits : normal;
    small = small > infinity ? infinity : small;
    small = bits > 0x7ff0000000000000u ? infinity | 1u << (mantissa - 1) : small;
    return (uint16_t)(small | (signed_bits >> 48 & 0x8000));
}

HONE_VECTORISED static void write_f16(const double *from, uint32_t count, uint16_t *to) {
    for (uint32_t i = 0; i < count; i++)
        to[i] = to_small_float(from[i], 10);
}

HONE_VECTORISED static void write_bf16(const double *from, uint32_t count, uint16_t *to) {
    for (uint32_t i = 0; i < count; i++)
        to[i] = to_small_float(from[i], 7);
}

static double clamp(double value, double low, double high) {
    return !(value > low) ? low : value > high ? high : value;
}

void hone_elements_write(enum hone_dtype dtype, const double *from, uint32_t count, void *to) {
    int64_t *wide = to;
    int32_t *narrow = to;
    uint8_t *bytes = to;
    switch (dtype) {
    case HONE_F64:
        memcpy(to, from, count * sizeof *from);
        break;
    case HONE_F32:
        write_f32(from, count, to);
        break;
    case HONE_F16:
        write_f16(from, count, to);
        break;
    case HONE_BF16:
        write_bf16(from, count, to);
        break;
    case HONE_I64:
        for (uint32_t i = 0; i < count; i++)
            wide[i] = (int64_t)clamp(from[i], -0x1p63, 0x1.fffffffffffffp62);
        break;
    case HONE_I32:
        for (uint32_t i = 0; i < count; i++)
            narrow[i] = (int32_t)clamp(from[i], INT32_MIN, INT32_MAX);
        break;
    case HONE_U8:
    case HONE_BOOL:
        for (uint32_t i = 0; i < count; i++)
            bytes[i] = (uint8_t)clamp(from[i], 0, 255);
        break;
    case HONE_U32:
        for (uint32_t i = 0; i < count; i++)
            ((uint32_t *)to)[i] = (uint32_t)clamp(from[i], 0, UINT32_MAX);
        break;
    case HONE_U64:
        for (uint32_t i = 0; i < count; i++)
            ((uint64_t *)to)[i] = (uint64_t)clamp(from[i], 0, 0x1.fffffffffffffp63);
        break;
    }
}
