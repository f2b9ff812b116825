/* Floats of 16 bits: widened to f32 in front of an operator, rounded to nearest behind it. */
#include "hardware/cpu/operators/library.h"

#include <stdlib.h>
#include <string.h>

static bool is_half(const struct hone_tensor *tensor) {
    return tensor->type_code == HONE_TYPE_FLOAT && tensor->type_bits == 16;
}

bool is_sixteen(const struct hone_tensor *tensor) {
    return is_half(tensor) || (tensor->type_code == HONE_TYPE_BFLOAT && tensor->type_bits == 16);
}

/* A half's bits in a float's places are the value times 2^-112, subnormals too. */
WIDE static void from_halves(const uint16_t *restrict from, int64_t count, float *restrict to) {
    for (int64_t i = 0; i < count; i++) {
        const uint32_t rest = (uint32_t)(from[i] & 0x7fff) << 13;
        float value;
        uint32_t bits;
        memcpy(&value, &rest, sizeof value);
        value *= 0x1p112f;
        memcpy(&bits, &value, sizeof bits);
        bits = rest >= 0x7c00u << 13 ? rest | 0x7f800000u : bits;
        bits |= (uint32_t)(from[i] & 0x8000) << 16;
        memcpy(&to[i], &bits, sizeof bits);
    }
}

WIDE static void from_bfloats(const uint16_t *restrict from, int64_t count, float *restrict to) {
    for (int64_t i = 0; i < count; i++) {
        const uint32_t bits = (uint32_t)from[i] << 16;
        memcpy(&to[i], &bits, sizeof bits);
    }
}

/* Ties to even. Below the least normal a half is a multiple of 2^-24, and adding 0.5 rounds there.
 */
WIDE static void to_halves(const float *restrict from, int64_t count, uint16_t *restrict to) {
    for (int64_t i = 0; i < count; i++) {
        uint32_t bits, low_bits;
        memcpy(&bits, &from[i], sizeof bits);
        const uint32_t sign = bits >> 16 & 0x8000, size = bits & 0x7fffffff;
        float magnitude;
        memcpy(&magnitude, &size, sizeof magnitude);
        const float low = magnitude + 0.5f;
        memcpy(&low_bits, &low, sizeof low_bits);
        uint32_t half = (size - 0x38000000 + 0xfff + (size >> 13 & 1)) >> 13;
        half = size < 0x38800000 ? low_bits - 0x3f000000 : half;
        half = size >= 0x477ff000 ? 0x7c00 : half; /* rounds to 65536 or more */
        half = size > 0x7f800000 ? 0x7e00 : half;
        to[i] = (uint16_t)(sign | half);
    }
}

WIDE static void to_bfloats(const float *restrict from, int64_t count, uint16_t *restrict to) {
    for (int64_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &from[i], sizeof bits);
        const uint32_t rounded = bits + 0x7fff + (bits >> 16 & 1);
        to[i] = (uint16_t)((bits & 0x7fffffff) > 0x7f800000 ? bits >> 16 | 0x40 : rounded >> 16);
    }
}

int widen(const struct hone_tensor *tensor, bool with_data, struct hone_tensor *wide) {
    const int64_t count = count_of(tensor);
    float *data = malloc((size_t)count * sizeof *data + 1);
    if (!data)
        return -ENOMEM;
    if (with_data && is_half(tensor))
        from_halves((const uint16_t *)(const void *)floats(tensor), count, data);
    else if (with_data)
        from_bfloats((const uint16_t *)(const void *)floats(tensor), count, data);
    *wide = *tensor;
    wide->data = data;
    wide->byte_offset = 0;
    wide->type_code = HONE_TYPE_FLOAT;
    wide->type_bits = 32;
    return 0;
}

void narrow(const struct hone_tensor *wide, const struct hone_tensor *tensor) {
    uint16_t *to = (uint16_t *)(void *)floats(tensor);
    if (is_half(tensor))
        to_halves(floats(wide), count_of(wide), to);
    else
        to_bfloats(floats(wide), count_of(wide), to);
}
