/* rounding.h - doubles as the bits of an element and back, for C, C++ and CUDA: the same bits
 * everywhere. No libm; nothing here is a product that a compiler could fuse with a sum.
 */
#ifndef HONE_ROUNDING_H
#define HONE_ROUNDING_H

#include "random.h"

/* Of an element in memory. */
enum hone_format {
    HONE_FORMAT_F64 = 1,
    HONE_FORMAT_F32,
    HONE_FORMAT_F16,
    HONE_FORMAT_BF16,
    HONE_FORMAT_I64,
    HONE_FORMAT_I32,
    HONE_FORMAT_U8,
    HONE_FORMAT_BOOL, /* a byte */
};

HONE_RANDOM uint32_t hone_format_bytes(uint32_t format) {
    return format == HONE_FORMAT_F64 || format == HONE_FORMAT_I64   ? 8
           : format == HONE_FORMAT_F32 || format == HONE_FORMAT_I32 ? 4
           : format == HONE_FORMAT_U8 || format == HONE_FORMAT_BOOL ? 1
                                                                    : 2;
}

HONE_RANDOM uint64_t hone_bits_of_double(double value) {
    union {
        double value;
        uint64_t bits;
    } both;
    both.value = value;
    return both.bits;
}

HONE_RANDOM double hone_double_of_bits(uint64_t bits) {
    union {
        uint64_t bits;
        double value;
    } both;
    both.bits = bits;
    return both.value;
}

HONE_RANDOM float hone_float_of_bits(uint32_t bits) {
    union {
        uint32_t bits;
        float value;
    } both;
    both.bits = bits;
    return both.value;
}

/* A 16-bit float with `mantissa` explicit bits (10 or 7), rounded once, to nearest even. A normal
 * number is rounded as an integer: a carry out of the mantissa lands in the exponent. A subnormal
 * is a number of steps, which adding 2^52 of them leaves in the low bits of the sum. No branches:
 * loops over it are vectorised. */
HONE_RANDOM uint16_t hone_round_small(double value, int mantissa) {
    const int bias = (1 << (14 - mantissa)) - 1, dropped = 52 - mantissa;
    const uint64_t infinity = 0x7fffu & ~(((uint64_t)1 << mantissa) - 1);
    const double least_normal = mantissa == 10 ? 0x1p-14 : 0x1p-126;
    const double all_steps = mantissa == 10 ? 0x1p28 : 0x1p-81;
    const uint64_t signed_bits = hone_bits_of_double(value), bits = signed_bits & ~(1ull << 63);
    const double magnitude = hone_double_of_bits(bits), sum = magnitude + all_steps;
    const uint64_t steps = hone_bits_of_double(sum) - hone_bits_of_double(all_steps);
    const uint64_t even = ((uint64_t)1 << (dropped - 1)) - 1 + (bits >> dropped & 1);
    const uint64_t normal = ((bits + even) >> dropped) - ((uint64_t)(1023 - bias) << mantissa);
    uint64_t small = magnitude < least_normal ? steps : normal;
    small = small > infinity ? infinity : small;
    small = bits > 0x7ff0000000000000u ? infinity | 1u << (mantissa - 1) : small;
    return (uint16_t)(small | (signed_bits >> 48 & 0x8000u));
}

HONE_RANDOM double hone_widen_bf16(uint16_t bits) {
    return (double)hone_float_of_bits((uint32_t)bits << 16);
}

/* The bits of a half, moved into a float's places, are the value times 2^-112; that also holds for
 * subnormals. Infinity and NaN need the float's own exponent. */
HONE_RANDOM double hone_widen_f16(uint16_t half) {
    const uint32_t magnitude = (uint32_t)(half & 0x7fff) << 13;
    uint32_t bits = hone_random_float_bits(hone_float_of_bits(magnitude) * 0x1p112f);
    if (magnitude >= 0x7c00u << 13)
        bits = magnitude | 0x7f800000u;
    return (double)hone_float_of_bits(bits | (uint32_t)(half & 0x8000) << 16);
}

/* An element's bits as a double. */
HONE_RANDOM double hone_widen(uint32_t format, uint64_t bits) {
    switch (format) {
    case HONE_FORMAT_F64:
        return hone_double_of_bits(bits);
    case HONE_FORMAT_F32:
        return (double)hone_float_of_bits((uint32_t)bits);
    case HONE_FORMAT_F16:
        return hone_widen_f16((uint16_t)bits);
    case HONE_FORMAT_BF16:
        return hone_widen_bf16((uint16_t)bits);
    case HONE_FORMAT_I64:
        return (double)(int64_t)bits;
    case HONE_FORMAT_I32:
        return (double)(int32_t)bits;
    default:
        return (double)(uint8_t)bits;
    }
}

HONE_RANDOM double hone_clamp(double value, double low, double high) {
    return !(value > low) ? low : value > high ? high : value;
}

/* To nearest, ties to even; integers are truncated and saturate; a bool is any byte. */
HONE_RANDOM uint64_t hone_narrow(uint32_t format, double value) {
    switch (format) {
    case HONE_FORMAT_F64:
        return hone_bits_of_double(value);
    case HONE_FORMAT_F32:
        return hone_random_float_bits((float)value);
    case HONE_FORMAT_F16:
        return hone_round_small(value, 10);
    case HONE_FORMAT_BF16:
        return hone_round_small(value, 7);
    case HONE_FORMAT_I64:
        return (uint64_t)(int64_t)hone_clamp(value, -0x1p63, 0x1.fffffffffffffp62);
    case HONE_FORMAT_I32:
        return (uint32_t)(int32_t)hone_clamp(value, -0x1p31, 0x7fffffff);
    default:
        return (uint8_t)hone_clamp(value, 0, 255);
    }
}

#endif
