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
    }
}

HONE_VECTORISED static void write_f32(const double *from, uint32_t count, float *to) {
    for (uint32_t i = 0; i < count; i++)
        to[i] = (float)from[i];
}

/* A 16-bit float with `mantissa` explicit bits, rounded once from the double. */
static uint16_t to_small_float(double value, int mantissa) {
    const int bias = (1 << (14 - mantissa)) - 1;
    const uint16_t sign = signbit(value) ? 0x8000 : 0;
    const uint16_t infinity = (uint16_t)(0x7fff & ~((1 << mantissa) - 1));
    value = fabs(value);
    if (isnan(value))
        return (uint16_t)(sign | infinity | 1 << (mantissa - 1));
    if (isinf(value))
        return sign | infinity;
    int exponent = value > 0 ? ilogb(value) : 1 - bias;
    if (exponent < 1 - bias)
        exponent = 1 - bias;
    if (exponent > bias)
        return sign | infinity;
    /* A subnormal's steps have no implied bit; a carry out of the mantissa lands in the exponent.
     */
    long steps = lrint(ldexp(value, mantissa - exponent)) - (1L << mantissa);
    long bits = ((long)(exponent + bias) << mantissa) + steps;
    return (uint16_t)(sign | (bits > infinity ? infinity : (uint16_t)bits));
}

static double clamp(double value, double low, double high) {
    return !(value > low) ? low : value > high ? high : value;
}

void hone_elements_write(enum hone_dtype dtype, const double *from, uint32_t count, void *to) {
    uint16_t *small = to;
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
        for (uint32_t i = 0; i < count; i++)
            small[i] = to_small_float(from[i], 10);
        break;
    case HONE_BF16:
        for (uint32_t i = 0; i < count; i++)
            small[i] = to_small_float(from[i], 7);
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
    }
}
