/* Rows in compressed form, segments, and weights packed in four bits. */
#include "core/operators/operator.h"

#include "core/error.h"

#include <errno.h>
#include <string.h>

/* ---- y[index[i]] += v[i]: v [n, ...] into y [segments, ...] ---- */

static int shape_segments(struct hone_operation *operation, struct hone_error *error) {
    const struct hone_array *index = &operation->operands[0], *v = &operation->operands[1];
    const int64_t segments = hone_attribute_integer(operation, "segments");
    if (index->ndim != 1 || v->ndim < 1 || v->shape[0] != index->shape[0] || segments < 0)
        return hone_operands_fail(operation, error,
                                  "expected index [n], v [n, ...] and 0 segments or more");
    hone_output_shape(operation, v->ndim, v->shape);
    operation->output.shape[0] = segments;
    return 0;
}

static int run_segments(struct hone_operation *operation, struct hone_error *error) {
    const struct hone_array *index = &operation->operands[0], *v = &operation->operands[1];
    const int64_t width = index->count ? v->count / index->count : 0;
    double *y = operation->output.data;
    memset(y, 0, (size_t)operation->output.count * sizeof *y);
    for (int64_t i = 0; i < index->count; i++) {
        int64_t to;
        int result = hone_index(index, i, operation->output.shape[0], "index", &to, error);
        if (result < 0)
            return result;
        for (int64_t j = 0; j < width; j++)
            y[to * width + j] += v->data[i * width + j];
    }
    return 0;
}

/* ---- a matrix of compressed rows times a vector, or a matrix ---- */

static int shape_csr(struct hone_operation *operation, struct hone_error *error) {
    const struct hone_array *row_ptr = &operation->operands[0], *x = &operation->operands[3];
    const uint32_t ndim = operation->op->variant;
    if (row_ptr->ndim != 1 || row_ptr->shape[0] < 1 || operation->operands[1].ndim != 1 ||
        operation->operands[2].ndim != 1 ||
        operation->operands[1].count != operation->operands[2].count || x->ndim != ndim)
        return hone_operands_fail(operation, error,
                                  "expected row_ptr [rows + 1], col and val [nnz], x [cols%s]",
                                  ndim == 2 ? ", k" : "");
    hone_output_shape(operation, ndim, x->shape);
    operation->output.shape[0] = row_ptr->shape[0] - 1;
    return 0;
}

static int run_csr(struct hone_operation *operation, struct hone_error *error) {
    const struct hone_array *row_ptr = &operation->operands[0], *x = &operation->operands[3];
    const int64_t nnz = operation->operands[1].count;
    const int64_t width = operation->op->variant == 2 ? x->shape[1] : 1;
    double *y = operation->output.data;
    memset(y, 0, (size_t)operation->output.count * sizeof *y);
    for (int64_t r = 0; r < row_ptr->shape[0] - 1; r++) {
        int64_t first, last;
        int result = hone_index(row_ptr, r, nnz + 1, "row_ptr", &first, error);
        if (result == 0)
            result = hone_index(row_ptr, r + 1, nnz + 1, "row_ptr", &last, error);
        for (int64_t e = first; result == 0 && e < last; e++) {
            int64_t c;
            result = hone_index(&operation->operands[1], e, x->shape[0], "col", &c, error);
            const double value = operation->operands[2].data[e];
            for (int64_t j = 0; result == 0 && j < width; j++)
                y[r * width + j] += value * x->data[c * width + j];
        }
        if (result < 0)
            return result;
    }
    return 0;
}

/* ---- weight [n, k/2] of nibbles, low one first, minus 8, times scale [n, k/group] ---- */

static int shape_w4(struct hone_operation *operation, struct hone_error *error) {
    const struct hone_array *weight = &operation->operands[0], *scale = &operation->operands[1];
    const int64_t group = hone_attribute_integer(operation, "group");
    int64_t shape[2], groups;
    if (weight->ndim != 2 || scale->ndim != 2 || scale->shape[0] != weight->shape[0] || group < 1 ||
        __builtin_mul_overflow(scale->shape[1], group, &groups) ||
        __builtin_mul_overflow(weight->shape[1], 2, &shape[1]) || groups != shape[1])
        return hone_operands_fail(
            operation, error, "expected weight [n, k/2] and scale [n, k/%lld]", (long long)group);
    shape[0] = weight->shape[0];
    hone_output_shape(operation, 2, shape);
    return 0;
}

static int run_w4(struct hone_operation *operation, struct hone_error *error) {
    const int64_t group = hone_attribute_integer(operation, "group");
    for (int64_t i = 0; i < operation->output.count; i++) {
        int64_t byte;
        int result = hone_index(&operation->operands[0], i / 2, 256, "weight", &byte, error);
        if (result < 0)
            return result;
        operation->output.data[i] =
            (double)((byte >> (i % 2 * 4) & 15) - 8) * operation->operands[1].data[i / group];
    }
    return 0;
}

#define CSR(word, ndim)                                                                            \
    {                                                                                              \
        .name = word, .operands = "row_ptr col val x", .shape = shape_csr, .run = run_csr,         \
        .variant = ndim                                                                            \
    }

const struct hone_operator hone_operators_sparse[] = {
    {.name = "segment_sum",
     .operands = "index v",
     .shape = shape_segments,
     .run = run_segments,
     .attributes = {{"segments", HONE_ATTRIBUTE_INTEGER, HONE_ATTRIBUTE_REQUIRED}}},
    CSR("spmv_csr", 1),
    CSR("spmm_csr", 2),
    {.name = "dequantize_w4",
     .operands = "weight scale",
     .shape = shape_w4,
     .run = run_w4,
     .attributes = {{"group", HONE_ATTRIBUTE_INTEGER, 128}}},
    {.name = NULL},
};
