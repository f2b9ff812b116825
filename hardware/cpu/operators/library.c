#include "hardware/cpu/operators/library.h"

#include <stdlib.h>
#include <string.h>

static const struct row *const families[] = {
    hone_library_elementwise, hone_library_along,   hone_library_layout,
    hone_library_product,     hone_library_norm,    hone_library_attention,
    hone_library_sparse,      hone_library_science, hone_library_pool,
};

float *floats(const struct hone_tensor *tensor) {
    return (void *)((char *)tensor->data + tensor->byte_offset);
}

int64_t count_of(const struct hone_tensor *tensor) {
    int64_t count = 1;
    for (int32_t i = 0; i < tensor->ndim; i++)
        count *= tensor->shape[i];
    return count;
}

static const struct hone_operator_attribute *find(const struct call *call, const char *name) {
    for (uint32_t i = 0; i < call->attribute_count; i++)
        if (strcmp(call->attributes[i].name, name) == 0 && call->attributes[i].count)
            return &call->attributes[i];
    return NULL;
}

double attribute(const struct call *call, const char *name, uint32_t index, double fallback) {
    const struct hone_operator_attribute *own = find(call, name);
    return own ? own->values[own->count == 1 || index >= own->count ? 0 : index] : fallback;
}

uint32_t attribute_length(const struct call *call, const char *name) {
    const struct hone_operator_attribute *own = find(call, name);
    return own ? own->count : 0;
}

int axis_of(const struct call *call, double fallback, int64_t *outer, int64_t *length,
            int64_t *inner) {
    const struct hone_tensor *x = &call->in[0];
    double axis = attribute(call, "axis", 0, fallback);
    axis += axis < 0 ? x->ndim : 0;
    if (!(axis >= 0 && axis < x->ndim))
        return -EINVAL;
    *outer = *inner = 1;
    *length = x->shape[(int32_t)axis];
    for (int32_t i = 0; i < x->ndim; i++)
        *(i < (int32_t)axis ? outer : inner) *= i == (int32_t)axis ? 1 : x->shape[i];
    return 0;
}

int index_at(const struct hone_tensor *tensor, int64_t at, int64_t below, int64_t *index) {
    const void *data = floats(tensor);
    const uint32_t kind = tensor->type_code * 256u + tensor->type_bits;
    switch (kind) {
    case HONE_TYPE_INT * 256 + 32:
        *index = ((const int32_t *)data)[at];
        break;
    case HONE_TYPE_INT * 256 + 64:
        *index = ((const int64_t *)data)[at];
        break;
    case HONE_TYPE_UINT * 256 + 8:
        *index = ((const uint8_t *)data)[at];
        break;
    default:
        return -EINVAL;
    }
    return *index >= 0 && *index < below ? 0 : -ERANGE;
}

static int run(const char *name, struct call *call) {
    if (call->out->type_code != HONE_TYPE_FLOAT || call->out->type_bits != 32)
        return -EINVAL;
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        for (const struct row *row = families[i]; row->name; row++)
            if (strcmp(row->name, name) == 0) {
                call->variant = row->variant;
                if (call->in_count < row->least)
                    return -EINVAL;
                return count_of(call->out) ? row->run(call) : 0;
            }
    return -ENOENT;
}

/* All in f32, whatever was given. */
static int run_widened(const char *name, const struct call *call) {
    struct hone_tensor in[OPERANDS_MAX], out = *call->out;
    struct call wide = *call;
    int result = call->in_count <= OPERANDS_MAX ? 0 : -EINVAL;
    uint32_t count = 0;
    for (; result == 0 && count < call->in_count; count++) {
        in[count] = call->in[count];
        if (is_sixteen(&call->in[count]))
            result = widen(&call->in[count], true, &in[count]);
        if (result)
            break;
    }
    const bool rounds = is_sixteen(call->out);
    if (result == 0 && rounds)
        result = widen(call->out, false, &out);
    wide.in = in;
    wide.out = &out;
    if (result == 0) {
        result = run(name, &wide);
        if (result == 0 && rounds)
            narrow(&out, call->out);
        if (rounds)
            free(out.data);
    }
    while (count-- > 0)
        if (is_sixteen(&call->in[count]))
            free(in[count].data);
    return result;
}

__attribute__((visibility("default"))) int
hone_operator_run(const char *name, const struct hone_tensor *operands, uint32_t operand_count,
                  const struct hone_tensor *output,
                  const struct hone_operator_attribute *attributes, uint32_t attribute_count) {
    struct call call = {.in = operands,
                        .out = output,
                        .in_count = operand_count,
                        .attributes = attributes,
                        .attribute_count = attribute_count};
    bool wide = !is_sixteen(output);
    for (uint32_t i = 0; i < operand_count; i++)
        wide &= !is_sixteen(&operands[i]);
    return wide ? run(name, &call) : run_widened(name, &call);
}
