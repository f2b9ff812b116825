/* The words are the supervisor's, and what a candidate's plan had a part in: nothing in them is
 * believed that could lead out of the program's regions. */
#include "hardware/cuda/launcher/operator.h"

#include <string.h>

#define WHOLE_MOST 9007199254740992.0 /* 2^53: beyond, a double skips numbers */

static bool take_name(struct reading *reading, char name[8 * HONE_OPERATOR_NAME_WORDS]) {
    uint64_t words[HONE_OPERATOR_NAME_WORDS];
    for (size_t i = 0; i < HONE_OPERATOR_NAME_WORDS; i++)
        if (!reading_take(reading, &words[i]))
            return false;
    memcpy(name, words, sizeof words);
    return memchr(name, '\0', sizeof words) != NULL;
}

static bool take_number(struct reading *reading, struct hone_operand *operand) {
    uint64_t bits;
    if (operand->ndim || !reading_take(reading, &bits))
        return false;
    const uint32_t narrow = (uint32_t)bits;
    memcpy(&operand->number, &narrow, sizeof narrow);
    operand->count = 1;
    return true;
}

/* Its extents multiplied are no overflow, not even without those that are 0: whoever multiplies
 * some of them need not look again. */
static bool take_shape(struct reading *reading, struct hone_operand *operand) {
    int64_t product = 1;
    operand->count = 1;
    for (uint32_t i = 0; i < operand->ndim; i++) {
        uint64_t extent;
        if (!reading_take(reading, &extent) || extent > INT64_MAX ||
            __builtin_mul_overflow(product, extent ? (int64_t)extent : 1, &product))
            return false;
        operand->shape[i] = (int64_t)extent;
        operand->count *= extent ? (int64_t)extent : 0;
    }
    return true;
}

#define TYPE(code, bits) (code) << 8 | (bits)

/* One that kernels.cu reads by its size. */
static bool is_type(const struct hone_operand *operand, bool is_index) {
    switch (TYPE(operand->type_code, operand->type_bits)) {
    case TYPE(HONE_TYPE_FLOAT, 32):
    case TYPE(HONE_TYPE_FLOAT, 16):
    case TYPE(HONE_TYPE_BFLOAT, 16):
        return !is_index;
    case TYPE(HONE_TYPE_INT, 32):
    case TYPE(HONE_TYPE_INT, 64):
    case TYPE(HONE_TYPE_UINT, 8):
        return is_index;
    }
    return false;
}

static bool take_operand(struct operator_call *call, struct reading *reading,
                         struct hone_operand *operand, bool is_index) {
    uint64_t kind, room;
    if (!reading_take(reading, &operand->address) || !reading_take(reading, &kind))
        return false;
    operand->type_code = (uint8_t)kind;
    operand->type_bits = (uint8_t)(kind >> 8);
    operand->ndim = (uint32_t)(kind >> 16) & 0xffff;
    if (!operand->address)
        return !is_index && take_number(reading, operand);
    return operand->ndim <= HONE_OPERATION_DIMS && is_type(operand, is_index) &&
           take_shape(reading, operand) &&
           queueing_translate(call->queueing, &operand->address, &room) &&
           (uint64_t)operand->count <= room / (operand->type_bits / 8u);
}

static bool take_attribute(struct reading *reading, struct operator_attribute *attribute) {
    uint64_t count, bits;
    if (!take_name(reading, attribute->name) || !reading_take(reading, &count) ||
        count > HONE_OPERATION_DIMS)
        return false;
    attribute->count = (uint32_t)count;
    for (uint32_t i = 0; i < count; i++) {
        if (!reading_take(reading, &bits))
            return false;
        memcpy(&attribute->values[i], &bits, sizeof bits);
    }
    return true;
}

static bool take_operands(struct operator_call *call, struct reading *reading) {
    struct hone_operation *operation = &call->operation;
    for (uint32_t i = 0; i < operation->in_count; i++)
        if (!take_operand(call, reading, &operation->in[i],
                          hone_operator_reads_indices(call->row->name, i)))
            return false;
    return take_operand(call, reading, &operation->out, false) && operation->out.address;
}

bool operator_read(struct operator_call *call, const uint64_t *words, uint64_t count) {
    struct reading reading = {words, words + count};
    struct hone_operation *operation = &call->operation;
    char name[8 * HONE_OPERATOR_NAME_WORDS];
    uint64_t counts;
    if (!reading_take(&reading, &counts) || !take_name(&reading, name))
        return false;
    call->row = hone_cuda_operator(name);
    operation->in_count = (uint32_t)counts;
    call->attribute_count = (uint32_t)(counts >> 32);
    if (!call->row || operation->in_count > HONE_OPERATION_OPERANDS ||
        operation->in_count < call->row->least || call->attribute_count > OPERATOR_ATTRIBUTES_MAX ||
        !take_operands(call, &reading))
        return false;
    for (uint32_t i = 0; i < call->attribute_count; i++)
        if (!take_attribute(&reading, &call->attributes[i]))
            return false;
    return reading.at == reading.end;
}

const struct operator_attribute *operator_attribute(const struct operator_call *call,
                                                    const char *name) {
    for (uint32_t i = 0; name && i < call->attribute_count; i++)
        if (strcmp(call->attributes[i].name, name) == 0 && call->attributes[i].count)
            return &call->attributes[i];
    return NULL;
}

double operator_value(const struct operator_call *call, const char *name, uint32_t index,
                      double fallback) {
    const struct operator_attribute *own = operator_attribute(call, name);
    return own ? own->values[own->count == 1 || index >= own->count ? 0 : index] : fallback;
}

double operator_first(const struct operator_call *call) {
    return operator_value(call, call->row->first, 0, call->row->first_default);
}

double operator_second(const struct operator_call *call) {
    return operator_value(call, call->row->second, 0, call->row->second_default);
}

bool operator_whole(double value, int64_t least, int64_t *number) {
    if (!(value >= (double)least && value <= WHOLE_MOST))
        return false;
    *number = (int64_t)value;
    return true;
}
