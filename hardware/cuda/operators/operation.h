/* operation.h - one operator with its operands, as the launcher hands it to a kernel: the same
 * bytes in C and in CUDA.
 */
#ifndef HONE_CUDA_OPERATORS_OPERATION_H
#define HONE_CUDA_OPERATORS_OPERATION_H

#include <stdint.h>

#define HONE_OPERATION_OPERANDS 6
#define HONE_OPERATION_DIMS 6
#define HONE_OPERATION_VALUES 4
#define HONE_OPERATION_NUMBERS 12
#define HONE_OPERATION_WIDEST 1024 /* of what one item of attention has beside its row */

/* Compact and row-major. */
struct hone_operand {
    uint64_t address; /* 0: the number */
    int64_t count, shape[HONE_OPERATION_DIMS];
    uint32_t ndim;
    float number;
    uint8_t type_code, type_bits; /* enum hone_type_code of tensor.h, and size */
    uint8_t reserved[6];
};

/* What `variant`, `values` and `numbers` mean is each kernel's own matter: launcher/operator.c
 * fills them. */
struct hone_operation {
    struct hone_operand in[HONE_OPERATION_OPERANDS], out;
    float values[HONE_OPERATION_VALUES];
    int64_t numbers[HONE_OPERATION_NUMBERS];
    int64_t items; /* elements, or rows, each computed by one thread, or one block */
    uint32_t in_count, variant;
};

enum hone_unary {
    HONE_RELU,
    HONE_LEAKY_RELU,
    HONE_SIGMOID,
    HONE_SILU,
    HONE_TANH,
    HONE_GELU,
    HONE_GELU_TANH,
    HONE_ELU,   /* and selu */
    HONE_CLAMP, /* and hardtanh */
    HONE_HARDSIGMOID,
    HONE_HARDSWISH,
    HONE_SOFTPLUS,
    HONE_MISH,
    HONE_SOFTSIGN,
    HONE_EXP,
    HONE_LOG,
    HONE_SQRT,
    HONE_RSQRT,
    HONE_ABS,
    HONE_NEG,
    HONE_ERF,
    HONE_SIN,
    HONE_COS,
    HONE_IDENTITY,
};

enum hone_binary {
    HONE_ADD,
    HONE_SUB,
    HONE_MUL,
    HONE_DIV,
    HONE_POW,
    HONE_MINIMUM,
    HONE_MAXIMUM,
    HONE_XLOGY,
    HONE_LESS,
    HONE_EQUAL,
};

enum hone_reduction { HONE_SUM, HONE_MEAN, HONE_MAX, HONE_MIN };

#endif
