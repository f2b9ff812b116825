#include "core/operators/operator.h"

#include "core/error.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct hone_operator *const families[] = {
    hone_operators_elementwise, hone_operators_reduce,  hone_operators_layout,
    hone_operators_lookup,      hone_operators_matmul,  hone_operators_convolution,
    hone_operators_pool,        hone_operators_norm,    hone_operators_attention,
    hone_operators_sparse,      hone_operators_science, hone_operators_loss,
};

const struct hone_operator *hone_operator_row(uint32_t index) {
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        for (const struct hone_operator *row = families[i]; row->name; row++)
            if (index-- == 0)
                return row;
    return NULL;
}

const struct hone_operator *hone_operator_find(const char *name) {
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        for (const struct hone_operator *row = families[i]; row->name; row++)
            if (strcmp(row->name, name) == 0)
                return row;
    return NULL;
}

void hone_operator_operands(const struct hone_operator *op, uint32_t *least, uint32_t *most) {
    *least = *most = 0;
    for (const char *at = op->operands; *at; at += strspn(at, " ")) {
        const size_t length = strcspn(at, " ");
        ++*most;
        *least += at[length - 1] != '?';
        if (at[length - 1] == '.')
            *most = HONE_OPERANDS_MAX;
        at += length;
    }
}

/* ---- attributes ---- */

const struct hone_attribute_value *hone_attribute(const struct hone_operation *operation,
                                                  const char *name) {
    const struct hone_attribute *attribute = operation->op->attributes;
    while (attribute->name && strcmp(attribute->name, name) != 0)
        attribute++;
    assert(attribute->name);
    return &operation->attributes[attribute - operation->op->attributes];
}

double hone_attribute_real(const struct hone_operation *operation, const char *name) {
    return hone_attribute(operation, name)->values[0];
}

int64_t hone_attribute_integer(const struct hone_operation *operation, const char *name) {
    return (int64_t)hone_attribute(operation, name)->values[0];
}

int64_t hone_attribute_entry(const struct hone_operation *operation, const char *name,
                             uint32_t index) {
    const struct hone_attribute_value *value = hone_attribute(operation, name);
    return (int64_t)value->values[value->count == 1 ? 0 : index];
}

int hone_attribute_check(const struct hone_operation *operation, const char *name, uint32_t count,
                         int64_t low, int64_t high, struct hone_error *error) {
    const struct hone_attribute_value *value = hone_attribute(operation, name);
    if (value->count != 1 && value->count != count)
        return hone_fail(error, -EINVAL, "%s has %u numbers, expected one%s%.0u", name,
                         value->count, count == 1 ? "" : " or as many as dimensions: ", count);
    for (uint32_t i = 0; i < value->count; i++)
        if (value->values[i] < (double)low || value->values[i] > (double)high)
            return hone_fail(error, -EINVAL, "%s is %.0f, expected %lld..%lld", name,
                             value->values[i], (long long)low, (long long)high);
    return 0;
}

int hone_attribute_axis(const struct hone_operation *operation, uint32_t *axis,
                        struct hone_error *error) {
    const int64_t given = hone_attribute_integer(operation, "axis");
    const int64_t ndim = operation->operands[0].ndim;
    if (given < -ndim || given >= ndim)
        return hone_operands_fail(operation, error, "axis %lld does not exist, expected %lld..%lld",
                                  (long long)given, (long long)-ndim, (long long)ndim - 1);
    *axis = (uint32_t)(given < 0 ? given + ndim : given);
    return 0;
}

/* ---- shapes ---- */

const char *hone_shape_text(const struct hone_array *array, char text[HONE_SHAPE_TEXT]) {
    int length = snprintf(text, HONE_SHAPE_TEXT, "[");
    for (uint32_t i = 0; i < array->ndim; i++)
        length += snprintf(text + length, HONE_SHAPE_TEXT - (size_t)length, "%s%lld", i ? ", " : "",
                           (long long)array->shape[i]);
    snprintf(text + length, HONE_SHAPE_TEXT - (size_t)length, "]");
    return text;
}

/* The name of an operand, as the table has it: "x..." is x for all. */
static void operand_name(const struct hone_operator *op, uint32_t operand, char name[32]) {
    const char *at = op->operands;
    for (uint32_t i = 0; i < operand && at[strcspn(at, " ")]; i++)
        at += strcspn(at, " ") + 1;
    snprintf(name, 32, "%.*s", (int)strcspn(at, " ?."), at);
}

int hone_operands_fail(const struct hone_operation *operation, struct hone_error *error,
                       const char *format, ...) {
    char text[400], shape[HONE_SHAPE_TEXT], name[32];
    int length = 0;
    for (uint32_t i = 0; i < operation->operand_count && length < 300; i++) {
        operand_name(operation->op, i, name);
        length += snprintf(text + length, sizeof text - (size_t)length, "%s%s is %.60s",
                           i ? ", " : "", name, hone_shape_text(&operation->operands[i], shape));
    }
    va_list arguments;
    va_start(arguments, format);
    char why[200];
    vsnprintf(why, sizeof why, format, arguments);
    va_end(arguments);
    return hone_fail(error, -EINVAL, "%s: %s", text, why);
}

int hone_operand_rank(const struct hone_operation *operation, uint32_t operand, uint32_t ndim,
                      struct hone_error *error) {
    char name[32];
    if (operation->operands[operand].ndim == ndim)
        return 0;
    operand_name(operation->op, operand, name);
    return hone_operands_fail(operation, error, "expected %u dimension%s of %s", ndim,
                              ndim == 1 ? "" : "s", name);
}

int hone_shape_same(struct hone_operation *operation, struct hone_error *error) {
    (void)error;
    hone_output_shape(operation, operation->operands[0].ndim, operation->operands[0].shape);
    return 0;
}

void hone_output_shape(struct hone_operation *operation, uint32_t ndim, const int64_t *shape) {
    operation->output.ndim = ndim;
    memcpy(operation->output.shape, shape, ndim * sizeof *shape);
}

struct hone_axis_view hone_axis_view(const struct hone_array *array, uint32_t axis) {
    struct hone_axis_view view = {1, array->shape[axis], 1};
    for (uint32_t i = 0; i < axis; i++)
        view.outer *= array->shape[i];
    for (uint32_t i = axis + 1; i < array->ndim; i++)
        view.inner *= array->shape[i];
    return view;
}

int hone_index(const struct hone_array *array, int64_t at, int64_t below, const char *name,
               int64_t *index, struct hone_error *error) {
    const double value = array->data[at];
    if (!(value >= 0 && value < (double)below) || value != floor(value))
        return hone_fail(error, -EINVAL,
                         "element %lld of %s is %g, expected a whole number of "
                         "0..%lld",
                         (long long)at, name, value, (long long)below - 1);
    *index = (int64_t)value;
    return 0;
}
