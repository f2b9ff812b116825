/* list.h - the operators (plugins/operators.h) that a GPU has, by name: for the launcher, which
 * runs them, and for the plugin, which says so.
 */
#ifndef HONE_CUDA_OPERATORS_LIST_H
#define HONE_CUDA_OPERATORS_LIST_H

#include <stddef.h>
#include <stdint.h>

/* Which of the launcher's ways to prepare an operator; see launcher/operator.c. */
enum hone_operator_way {
    HONE_WAY_UNARY,
    HONE_WAY_BINARY,
    HONE_WAY_WHERE,
    HONE_WAY_TRANSPOSE,
    HONE_WAY_COPY, /* of the same elements in another shape */
    HONE_WAY_BROADCAST,
    HONE_WAY_SLICE,
    HONE_WAY_EMBEDDING,
    HONE_WAY_ROPE,
    HONE_WAY_DEQUANTIZE,
    HONE_WAY_MATMUL,
    HONE_WAY_LINEAR,
    HONE_WAY_CONV2D,
    HONE_WAY_CSR,
    HONE_WAY_SOFTMAX,
    HONE_WAY_REDUCE,
    HONE_WAY_NORM,
    HONE_WAY_ATTENTION,
    HONE_WAY_PAGED,
};

struct hone_operator_row {
    const char *name;
    uint32_t way, variant, least; /* operands */
    /* Two attributes and what they are where the plan does not say. */
    const char *first, *second;
    double first_default, second_default;
};

/* NULL: there is none. */
const struct hone_operator_row *hone_cuda_operator(const char *name);

#endif
