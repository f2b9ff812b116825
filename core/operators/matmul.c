/* Products of matrices, with leading dimensions that broadcast. */
#include "core/element.h"
#include "core/operators/operator.h"

#include "core/error.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BAND 64 /* rows of b that stay in the cache while all of a meets them */

struct product {
    int64_t m, n, k;
    uint32_t batch_ndim;
    bool transpose_a, transpose_b;
};

/* The matrices behind the operands; a vector is none. */
static int product_of(const struct hone_operation *operation, struct product *product,
                      struct hone_error *error) {
    const struct hone_array *a = &operation->operands[0], *b = &operation->operands[1];
    const bool is_linear = operation->op->variant != 0;
    if (a->ndim < 2 || b->ndim < 2 || (is_linear && b->ndim != 2))
        return hone_operands_fail(operation, error,
                                  is_linear ? "expected 2 dimensions or more, and 2 of weight"
                                            : "expected 2 dimensions or more of both");
    product->transpose_a = !is_linear && hone_attribute_integer(operation, "transpose_a");
    product->transpose_b = is_linear || hone_attribute_integer(operation, "transpose_b");
    const int64_t *left = a->shape + a->ndim - 2, *right = b->shape + b->ndim - 2;
    product->m = left[product->transpose_a];
    product->k = left[!product->transpose_a];
    product->n = right[!product->transpose_b];
    if (right[product->transpose_b] != product->k)
        return hone_operands_fail(operation, error,
                                  "expected the same inner extent, found %lld and %lld",
                                  (long long)product->k, (long long)right[product->transpose_b]);
    product->batch_ndim = (a->ndim > b->ndim ? a->ndim : b->ndim) - 2;
    return 0;
}

/* Extent of a leading dimension of the output, counted from the last one. */
static int64_t leading(const struct hone_array *array, uint32_t from_end) {
    return from_end + 2 < array->ndim ? array->shape[array->ndim - 3 - from_end] : 1;
}

static int shape_matmul(struct hone_operation *operation, struct hone_error *error) {
    const struct hone_array *a = &operation->operands[0], *b = &operation->operands[1];
    struct product product;
    int64_t shape[HONE_DIMS_MAX];
    int result = product_of(operation, &product, error);
    if (result < 0)
        return result;
    for (uint32_t i = 0; i < product.batch_ndim; i++) {
        const int64_t left = leading(a, i), right = leading(b, i);
        if (left != right && left != 1 && right != 1)
            return hone_operands_fail(operation, error,
                                      "expected leading extents that agree, or are 1");
        shape[product.batch_ndim - 1 - i] = left == 1 ? right : left;
    }
    shape[product.batch_ndim] = product.m;
    shape[product.batch_ndim + 1] = product.n;
    hone_output_shape(operation, product.batch_ndim + 2, shape);
    if (operation->operand_count == 3 &&
        (operation->operands[2].ndim != 1 || operation->operands[2].shape[0] != product.n))
        return hone_operands_fail(operation, error, "expected a bias of [%lld]",
                                  (long long)product.n);
    return 0;
}

/* c += a b, four rows at a time: a row of b is read once for all of them. */
HONE_VECTORISED static void multiply(const double *restrict a, const double *restrict b,
                                     double *restrict c, int64_t m, int64_t n, int64_t k) {
    for (int64_t band = 0; band < k; band += BAND) {
        const int64_t last = band + BAND < k ? band + BAND : k;
        int64_t i = 0;
        for (; i + 4 <= m; i += 4) {
            const double *a0 = a + i * k, *a1 = a0 + k, *a2 = a1 + k, *a3 = a2 + k;
            double *restrict c0 = c + i * n, *restrict c1 = c0 + n;
            double *restrict c2 = c1 + n, *restrict c3 = c2 + n;
            for (int64_t p = band; p < last; p++) {
                const double *row = b + p * n;
                for (int64_t j = 0; j < n; j++) {
                    c0[j] += a0[p] * row[j];
                    c1[j] += a1[p] * row[j];
                    c2[j] += a2[p] * row[j];
                    c3[j] += a3[p] * row[j];
                }
            }
        }
        for (; i < m; i++)
            for (int64_t p = band; p < last; p++)
                for (int64_t j = 0; j < n; j++)
                    c[i * n + j] += a[i * k + p] * b[p * n + j];
    }
}

/* Rows and columns exchanged, by tiles that fit the cache. */
static void turn(const double *from, int64_t rows, int64_t cols, double *to) {
    for (int64_t first = 0; first < cols; first += 16)
        for (int64_t r = 0; r < rows; r++)
            for (int64_t c = first; c < cols && c < first + 16; c++)
                to[c * rows + r] = from[r * cols + c];
}

/* Where a batch's matrix lies in an operand whose leading dimensions may repeat. */
static const double *matrix(const struct hone_array *array, const struct hone_array *out,
                            int64_t batch, int64_t size) {
    int64_t at = 0, stride = size;
    for (uint32_t i = 0; i + 2 < out->ndim; i++) {
        const int64_t extent = leading(out, i), own = leading(array, i);
        at += own == 1 ? 0 : batch % extent * stride;
        batch /= extent;
        stride *= own;
    }
    return array->data + at;
}

static int run_matmul(struct hone_operation *operation, struct hone_error *error) {
    struct product product;
    int result = product_of(operation, &product, error);
    const struct hone_array *out = &operation->output;
    const int64_t m = product.m, n = product.n, k = product.k;
    if (result < 0 || out->count == 0)
        return result;
    double *turned = malloc((size_t)((m + n) * k + 1) * sizeof *turned);
    if (!turned)
        return -ENOMEM;
    for (int64_t batch = 0; batch < out->count / (m * n); batch++) {
        const double *a = matrix(&operation->operands[0], out, batch, m * k);
        const double *b = matrix(&operation->operands[1], out, batch, k * n);
        double *c = out->data + batch * m * n;
        for (int64_t i = 0; i < m * n; i++)
            c[i] = operation->operand_count == 3 ? operation->operands[2].data[i % n] : 0;
        if (product.transpose_a)
            turn(a, k, m, turned);
        if (product.transpose_b)
            turn(b, n, k, turned + m * k);
        multiply(product.transpose_a ? turned : a, product.transpose_b ? turned + m * k : b, c, m,
                 n, k);
    }
    free(turned);
    return 0;
}

const struct hone_operator hone_operators_matmul[] = {
    {.name = "matmul",
     .operands = "a b",
     .shape = shape_matmul,
     .run = run_matmul,
     .attributes = {{"transpose_a", HONE_ATTRIBUTE_FLAG, 0},
                    {"transpose_b", HONE_ATTRIBUTE_FLAG, 0}}},
    /* x [.., k] times weight [n, k], plus bias [n] */
    {.name = "linear",
     .operands = "x weight bias?",
     .shape = shape_matmul,
     .run = run_matmul,
     .variant = 1},
    {.name = NULL},
};
