/* What moves elements and computes nothing: permutations, slices, joins. */
#include "core/operators/operator.h"

#include "core/error.h"

#include <errno.h>
#include <string.h>

static void strides_of(const struct hone_array *array, int64_t strides[HONE_DIMS_MAX]) {
    int64_t stride = 1;
    for (uint32_t i = array->ndim; i-- > 0; stride *= array->shape[i])
        strides[i] = stride;
}

/* Fill the output in order from places that are linear in its position. */
static void gather(const struct hone_array *out, const double *from, const int64_t *strides) {
    int64_t at[HONE_DIMS_MAX] = {0}, offset = 0;
    for (int64_t k = 0; k < out->count; k++) {
        out->data[k] = from[offset];
        for (uint32_t i = out->ndim; i-- > 0;) {
            offset += strides[i];
            if (++at[i] < out->shape[i])
                break;
            offset -= at[i] * strides[i];
            at[i] = 0;
        }
    }
}

/* ---- transpose: output dimension i is dimension axes[i] of x; without axes, all reversed ---- */

static int permutation(const struct hone_operation *operation, uint32_t axes[HONE_DIMS_MAX],
                       struct hone_error *error) {
    const struct hone_attribute_value *given = hone_attribute(operation, "axes");
    const uint32_t ndim = operation->operands[0].ndim;
    uint32_t seen = 0;
    if (given->count != 0 && given->count != ndim)
        return hone_operands_fail(operation, error, "axes has %u numbers, expected all %u",
                                  given->count, ndim);
    for (uint32_t i = 0; i < ndim; i++) {
        double axis = given->count ? given->values[i] : ndim - 1 - i;
        axis += axis < 0 ? ndim : 0;
        if (!(axis >= 0 && axis < ndim) || seen >> (uint32_t)axis & 1)
            return hone_operands_fail(operation, error, "axes must hold each of 0..%u once",
                                      ndim - 1);
        axes[i] = (uint32_t)axis;
        seen |= 1u << axes[i];
    }
    return 0;
}

static int shape_transpose(struct hone_operation *operation, struct hone_error *error) {
    uint32_t axes[HONE_DIMS_MAX];
    int64_t shape[HONE_DIMS_MAX];
    int result = permutation(operation, axes, error);
    for (uint32_t i = 0; result == 0 && i < operation->operands[0].ndim; i++)
        shape[i] = operation->operands[0].shape[axes[i]];
    if (result == 0)
        hone_output_shape(operation, operation->operands[0].ndim, shape);
    return result;
}

static int run_transpose(struct hone_operation *operation, struct hone_error *error) {
    uint32_t axes[HONE_DIMS_MAX];
    int64_t strides[HONE_DIMS_MAX], moved[HONE_DIMS_MAX];
    int result = permutation(operation, axes, error);
    if (result < 0)
        return result;
    strides_of(&operation->operands[0], strides);
    for (uint32_t i = 0; i < operation->output.ndim; i++)
        moved[i] = strides[axes[i]];
    gather(&operation->output, operation->operands[0].data, moved);
    return 0;
}

/* ---- reshape and broadcast ---- */

static int shape_reshape(struct hone_operation *operation, struct hone_error *error) {
    const struct hone_attribute_value *wanted = hone_attribute(operation, "shape");
    const struct hone_array *x = &operation->operands[0];
    int64_t shape[HONE_DIMS_MAX], known = 1;
    int free_at = -1;
    for (uint32_t i = 0; i < wanted->count; i++) {
        shape[i] = (int64_t)wanted->values[i];
        if (shape[i] == -1 && free_at < 0)
            free_at = (int)i;
        else if (shape[i] < 0 || __builtin_mul_overflow(known, shape[i], &known))
            return hone_operands_fail(operation, error,
                                      "shape holds %lld, expected extents, one of them -1 at most",
                                      (long long)shape[i]);
    }
    if (free_at >= 0 && known > 0 && x->count % known == 0) {
        shape[free_at] = x->count / known;
        known = x->count;
    } else if (free_at >= 0) {
        known = -1;
    }
    if (known != x->count)
        return hone_operands_fail(operation, error,
                                  "the shape asked for does not hold its %lld elements",
                                  (long long)x->count);
    hone_output_shape(operation, wanted->count, shape);
    return 0;
}

static int run_copy(struct hone_operation *operation, struct hone_error *error) {
    (void)error;
    memcpy(operation->output.data, operation->operands[0].data,
           (size_t)operation->output.count * sizeof(double));
    return 0;
}

static int shape_expand(struct hone_operation *operation, struct hone_error *error) {
    const struct hone_attribute_value *wanted = hone_attribute(operation, "shape");
    const struct hone_array *x = &operation->operands[0];
    int64_t shape[HONE_DIMS_MAX];
    if (wanted->count < x->ndim)
        return hone_operands_fail(operation, error, "expected a shape of %u dimensions or more",
                                  x->ndim);
    for (uint32_t i = 0; i < wanted->count; i++) {
        const uint32_t missing = wanted->count - x->ndim;
        shape[i] = (int64_t)wanted->values[i];
        if (shape[i] < 0 ||
            (i >= missing && x->shape[i - missing] != 1 && x->shape[i - missing] != shape[i]))
            return hone_operands_fail(operation, error, "cannot be repeated to %lld on axis %u",
                                      (long long)shape[i], i);
    }
    hone_output_shape(operation, wanted->count, shape);
    return 0;
}

static int run_expand(struct hone_operation *operation, struct hone_error *error) {
    (void)error;
    const struct hone_array *x = &operation->operands[0];
    int64_t strides[HONE_DIMS_MAX], repeated[HONE_DIMS_MAX] = {0};
    strides_of(x, strides);
    for (uint32_t i = 0; i < x->ndim; i++)
        repeated[operation->output.ndim - x->ndim + i] = x->shape[i] == 1 ? 0 : strides[i];
    gather(&operation->output, x->data, repeated);
    return 0;
}

/* ---- slice, pad, flip: along one axis ---- */

/* start..end with a step, as in Python: negative bounds count from the end, all are cut to fit. */
static int slice_of(const struct hone_operation *operation, uint32_t *axis, int64_t *start,
                    int64_t *step, int64_t *length, struct hone_error *error) {
    int result = hone_attribute_axis(operation, axis, error);
    if (result < 0)
        return result;
    const int64_t extent = operation->operands[0].shape[*axis];
    const struct hone_attribute_value *last = hone_attribute(operation, "end");
    int64_t end = last->count ? (int64_t)last->values[0] : extent;
    *start = hone_attribute_integer(operation, "start");
    *step = hone_attribute_integer(operation, "step");
    if (*step < 1)
        return hone_fail(error, -EINVAL, "step is %lld, expected 1 or more", (long long)*step);
    *start += *start < 0 ? extent : 0;
    end += end < 0 ? extent : 0;
    *start = *start < 0 ? 0 : *start > extent ? extent : *start;
    end = end < *start ? *start : end > extent ? extent : end;
    *length = (end - *start + *step - 1) / *step;
    return 0;
}

static int shape_slice(struct hone_operation *operation, struct hone_error *error) {
    uint32_t axis;
    int64_t start, step, length;
    int result = slice_of(operation, &axis, &start, &step, &length, error);
    if (result < 0)
        return result;
    hone_shape_same(operation, error);
    operation->output.shape[axis] = length;
    return 0;
}

static int run_slice(struct hone_operation *operation, struct hone_error *error) {
    const struct hone_array *x = &operation->operands[0];
    int64_t strides[HONE_DIMS_MAX], start, step, length;
    uint32_t axis;
    int result = slice_of(operation, &axis, &start, &step, &length, error);
    if (result < 0)
        return result;
    strides_of(x, strides);
    const double *from = x->data + start * strides[axis];
    strides[axis] *= step;
    gather(&operation->output, from, strides);
    return 0;
}

static int shape_pad(struct hone_operation *operation, struct hone_error *error) {
    uint32_t axis;
    int result = hone_attribute_axis(operation, &axis, error);
    const int64_t before = hone_attribute_integer(operation, "before");
    const int64_t after = hone_attribute_integer(operation, "after");
    const int64_t most = (int64_t)1 << 31;
    if (result == 0 && (before < 0 || before > most || after < 0 || after > most))
        return hone_fail(error, -EINVAL, "before is %lld and after %lld, expected 0 or more",
                         (long long)before, (long long)after);
    if (result < 0)
        return result;
    hone_shape_same(operation, error);
    operation->output.shape[axis] += before + after;
    return 0;
}

static int run_pad(struct hone_operation *operation, struct hone_error *error) {
    uint32_t axis;
    int result = hone_attribute_axis(operation, &axis, error);
    if (result < 0)
        return result;
    const int64_t before = hone_attribute_integer(operation, "before");
    const struct hone_axis_view in = hone_axis_view(&operation->operands[0], axis);
    const struct hone_axis_view out = hone_axis_view(&operation->output, axis);
    double *y = operation->output.data, value = hone_attribute_real(operation, "value");
    for (int64_t i = 0; i < operation->output.count; i++)
        y[i] = value;
    for (int64_t o = 0; o < in.outer; o++)
        memcpy(y + (o * out.length + before) * in.inner,
               operation->operands[0].data + o * in.length * in.inner,
               (size_t)(in.length * in.inner) * sizeof *y);
    return 0;
}

static int shape_flip(struct hone_operation *operation, struct hone_error *error) {
    uint32_t axis;
    int result = hone_attribute_axis(operation, &axis, error);
    return result < 0 ? result : hone_shape_same(operation, error);
}

static int run_flip(struct hone_operation *operation, struct hone_error *error) {
    const struct hone_array *x = &operation->operands[0];
    int64_t strides[HONE_DIMS_MAX];
    uint32_t axis;
    int result = hone_attribute_axis(operation, &axis, error);
    if (result < 0 || x->count == 0)
        return result;
    strides_of(x, strides);
    const double *from = x->data + (x->shape[axis] - 1) * strides[axis];
    strides[axis] = -strides[axis];
    gather(&operation->output, from, strides);
    return 0;
}

/* ---- concat ---- */

static int shape_concat(struct hone_operation *operation, struct hone_error *error) {
    uint32_t axis;
    int result = hone_attribute_axis(operation, &axis, error);
    if (result < 0)
        return result;
    hone_shape_same(operation, error);
    for (uint32_t k = 1; k < operation->operand_count; k++) {
        const struct hone_array *operand = &operation->operands[k];
        bool fits = operand->ndim == operation->output.ndim;
        for (uint32_t i = 0; fits && i < operand->ndim; i++)
            fits = i == axis || operand->shape[i] == operation->output.shape[i];
        if (!fits)
            return hone_operands_fail(operation, error, "expected the same extents but on axis %u",
                                      axis);
        operation->output.shape[axis] += operand->shape[axis];
    }
    return 0;
}

static int run_concat(struct hone_operation *operation, struct hone_error *error) {
    uint32_t axis;
    int result = hone_attribute_axis(operation, &axis, error);
    if (result < 0)
        return result;
    const struct hone_axis_view out = hone_axis_view(&operation->output, axis);
    int64_t first = 0;
    for (uint32_t k = 0; k < operation->operand_count; k++) {
        const struct hone_array *operand = &operation->operands[k];
        const int64_t size = operand->shape[axis] * out.inner;
        for (int64_t o = 0; o < out.outer; o++)
            memcpy(operation->output.data + o * out.length * out.inner + first,
                   operand->data + o * size, (size_t)size * sizeof(double));
        first += size;
    }
    return 0;
}

/* ---- triangles of the last two dimensions: those at or below (tril), at or above (triu) ---- */

static int shape_triangle(struct hone_operation *operation, struct hone_error *error) {
    if (operation->operands[0].ndim < 2)
        return hone_operands_fail(operation, error, "expected 2 dimensions or more");
    return hone_shape_same(operation, error);
}

static int run_triangle(struct hone_operation *operation, struct hone_error *error) {
    (void)error;
    const struct hone_array *x = &operation->operands[0];
    const int64_t rows = x->shape[x->ndim - 2], cols = x->shape[x->ndim - 1];
    const int64_t diagonal = hone_attribute_integer(operation, "diagonal");
    const bool upper = operation->op->variant != 0;
    for (int64_t i = 0; i < x->count; i++) {
        const int64_t beyond = i % cols - i / cols % rows;
        const bool kept = upper ? beyond >= diagonal : beyond <= diagonal;
        operation->output.data[i] = kept ? x->data[i] : 0;
    }
    return 0;
}

#define AXIS(fallback)                                                                             \
    { "axis", HONE_ATTRIBUTE_INTEGER, fallback }

const struct hone_operator hone_operators_layout[] = {
    {.name = "transpose",
     .operands = "x",
     .shape = shape_transpose,
     .run = run_transpose,
     .attributes = {{"axes", HONE_ATTRIBUTE_INTEGERS, HONE_ATTRIBUTE_ABSENT}}},
    {.name = "reshape",
     .operands = "x",
     .shape = shape_reshape,
     .run = run_copy,
     .attributes = {{"shape", HONE_ATTRIBUTE_INTEGERS, HONE_ATTRIBUTE_REQUIRED}}},
    {.name = "broadcast",
     .operands = "x",
     .shape = shape_expand,
     .run = run_expand,
     .attributes = {{"shape", HONE_ATTRIBUTE_INTEGERS, HONE_ATTRIBUTE_REQUIRED}}},
    {.name = "slice",
     .operands = "x",
     .shape = shape_slice,
     .run = run_slice,
     .attributes = {AXIS(HONE_ATTRIBUTE_REQUIRED),
                    {"start", HONE_ATTRIBUTE_INTEGER, 0},
                    {"end", HONE_ATTRIBUTE_INTEGER, HONE_ATTRIBUTE_ABSENT},
                    {"step", HONE_ATTRIBUTE_INTEGER, 1}}},
    {.name = "pad",
     .operands = "x",
     .shape = shape_pad,
     .run = run_pad,
     .attributes = {AXIS(HONE_ATTRIBUTE_REQUIRED),
                    {"before", HONE_ATTRIBUTE_INTEGER, 0},
                    {"after", HONE_ATTRIBUTE_INTEGER, 0},
                    {"value", HONE_ATTRIBUTE_REAL, 0}}},
    {.name = "flip",
     .operands = "x",
     .shape = shape_flip,
     .run = run_flip,
     .attributes = {AXIS(HONE_ATTRIBUTE_REQUIRED)}},
    {.name = "concat",
     .operands = "x...",
     .shape = shape_concat,
     .run = run_concat,
     .attributes = {AXIS(HONE_ATTRIBUTE_REQUIRED)}},
    {.name = "tril",
     .operands = "x",
     .shape = shape_triangle,
     .run = run_triangle,
     .attributes = {{"diagonal", HONE_ATTRIBUTE_INTEGER, 0}}},
    {.name = "triu",
     .operands = "x",
     .shape = shape_triangle,
     .run = run_triangle,
     .variant = 1,
     .attributes = {{"diagonal", HONE_ATTRIBUTE_INTEGER, 0}}},
    {.name = NULL},
};
