#include "core/element.h"

#include "plugins/rounding.h"

#include <string.h>

_Static_assert((int)HONE_F64 == HONE_FORMAT_F64 && (int)HONE_F16 == HONE_FORMAT_F16 &&
                   (int)HONE_I64 == HONE_FORMAT_I64 && (int)HONE_BOOL == HONE_FORMAT_BOOL,
               "a dtype is its format");

HONE_VECTORISED static void read_f32(const float *from, uint32_t count, double *to) {
    for (uint32_t i = 0; i < count; i++)
        to[i] = (double)from[i];
}

HONE_VECTORISED static void read_bf16(const uint16_t *from, uint32_t count, double *to) {
    for (uint32_t i = 0; i < count; i++)
        to[i] = hone_widen_bf16(from[i]);
}

HONE_VECTORISED static void read_f16(const uint16_t *from, uint32_t count, double *to) {
    for (uint32_t i = 0; i < count; i++)
        to[i] = hone_widen_f16(from[i]);
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

HONE_VECTORISED static void write_f16(const double *from, uint32_t count, uint16_t *to) {
    for (uint32_t i = 0; i < count; i++)
        to[i] = hone_round_small(from[i], 10);
}

HONE_VECTORISED static void write_bf16(const double *from, uint32_t count, uint16_t *to) {
    for (uint32_t i = 0; i < count; i++)
        to[i] = hone_round_small(from[i], 7);
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
            wide[i] = (int64_t)hone_narrow(HONE_FORMAT_I64, from[i]);
        break;
    case HONE_I32:
        for (uint32_t i = 0; i < count; i++)
            narrow[i] = (int32_t)hone_narrow(HONE_FORMAT_I32, from[i]);
        break;
    case HONE_U8:
    case HONE_BOOL:
        for (uint32_t i = 0; i < count; i++)
            bytes[i] = (uint8_t)hone_narrow(HONE_FORMAT_U8, from[i]);
        break;
    }
}
