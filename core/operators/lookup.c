/* Look-ups by an array of indices: rows of a table (embedding), elements along an axis (gather). */
#include "core/operators/operator.h"

#include <string.h>

static int shape_embedding(struct hone_operation *operation, struct hone_error *error) {
    const struct hone_array *table = &operation->operands[0], *index = &operation->operands[1];
    const uint32_t ndim = index->ndim + table->ndim - 1;
    int64_t shape[2 * HONE_DIMS_MAX];
    if (table->ndim < 1 || ndim > HONE_DIMS_MAX)
        return hone_operands_fail(operation, error,
                                  "expected a table of rows, and at most %d "
                                  "dimensions together",
                                  HONE_DIMS_MAX);
    memcpy(shape, index->shape, index->ndim * sizeof *shape);
    memcpy(shape + index->ndim, table->shape + 1, (table->ndim - 1) * sizeof *shape);
    hone_output_shape(operation, ndim, shape);
    return 0;
}

static int run_embedding(struct hone_operation *operation, struct hone_error *error) {
    const struct hone_array *table = &operation->operands[0], *index = &operation->operands[1];
    const int64_t width = table->shape[0] ? table->count / table->shape[0] : 0;
    for (int64_t i = 0; i < index->count; i++) {
        int64_t row;
        int result = hone_index(index, i, table->shape[0], "index", &row, error);
        if (result < 0)
            return result;
        memcpy(operation->output.data + i * width, table->data + row * width,
               (size_t)width * sizeof(double));
    }
    return 0;
}

static int shape_gather(struct hone_operation *operation, struct hone_error *error) {
    const struct hone_array *x = &operation->operands[0], *index = &operation->operands[1];
    uint32_t axis;
    int result = hone_attribute_axis(operation, &axis, error);
    bool fits = x->ndim == index->ndim;
    for (uint32_t i = 0; result == 0 && fits && i < x->ndim; i++)
        fits = i == axis || x->shape[i] == index->shape[i];
    if (result == 0 && !fits)
        return hone_operands_fail(operation, error, "expected the same extents but on axis %u",
                                  axis);
    if (result == 0)
        hone_output_shape(operation, index->ndim, index->shape);
    return result;
}

static int run_gather(struct hone_operation *operation, struct hone_error *error) {
    const struct hone_array *index = &operation->operands[1];
    uint32_t axis;
    int result = hone_attribute_axis(operation, &axis, error);
    if (result < 0)
        return result;
    const struct hone_axis_view from = hone_axis_view(&operation->operands[0], axis);
    const struct hone_axis_view to = hone_axis_view(index, axis);
    for (int64_t i = 0; i < index->count; i++) {
        int64_t at;
        result = hone_index(index, i, from.length, "index", &at, error);
        if (result < 0)
            return result;
        const int64_t outer = i / (to.length * to.inner);
        operation->output.data[i] =
            operation->operands[0].data[(outer * from.length + at) * from.inner + i % to.inner];
    }
    return 0;
}

const struct hone_operator hone_operators_lookup[] = {
    {.name = "embedding",
     .operands = "table index",
     .shape = shape_embedding,
     .run = run_embedding},
    {.name = "gather",
     .operands = "x index",
     .shape = shape_gather,
     .run = run_gather,
     .attributes = {{"axis", HONE_ATTRIBUTE_INTEGER, HONE_ATTRIBUTE_REQUIRED}}},
    {.name = NULL},
};
