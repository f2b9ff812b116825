#include "hardware/cuda/operators/list.h"

#include "hardware/cuda/operators/operation.h"

#include <math.h>
#include <string.h>

#define UNARY(name, kind)                                                                          \
    { name, HONE_WAY_UNARY, kind, 1, NULL, NULL, 0, 0 }
#define BINARY(name, kind)                                                                         \
    { name, HONE_WAY_BINARY, kind, 2, NULL, NULL, 0, 0 }
#define PLAIN(name, way, variant, least)                                                           \
    { name, way, variant, least, NULL, NULL, 0, 0 }

static const struct hone_operator_row rows[] = {
    UNARY("relu", HONE_RELU),
    UNARY("sigmoid", HONE_SIGMOID),
    UNARY("silu", HONE_SILU),
    UNARY("tanh", HONE_TANH),
    UNARY("gelu", HONE_GELU),
    UNARY("gelu_tanh", HONE_GELU_TANH),
    UNARY("hardsigmoid", HONE_HARDSIGMOID),
    UNARY("hardswish", HONE_HARDSWISH),
    UNARY("mish", HONE_MISH),
    UNARY("softsign", HONE_SOFTSIGN),
    UNARY("exp", HONE_EXP),
    UNARY("log", HONE_LOG),
    UNARY("sqrt", HONE_SQRT),
    UNARY("rsqrt", HONE_RSQRT),
    UNARY("abs", HONE_ABS),
    UNARY("neg", HONE_NEG),
    UNARY("erf", HONE_ERF),
    UNARY("sin", HONE_SIN),
    UNARY("cos", HONE_COS),
    UNARY("identity", HONE_IDENTITY),
    {"leaky_relu", HONE_WAY_UNARY, HONE_LEAKY_RELU, 1, "slope", NULL, 0.01, 0},
    {"elu", HONE_WAY_UNARY, HONE_ELU, 1, "alpha", "scale", 1, 1},
    {"selu", HONE_WAY_UNARY, HONE_ELU, 1, "alpha", "scale", 1.67326324235437728,
     1.05070098735548049},
    {"clamp", HONE_WAY_UNARY, HONE_CLAMP, 1, "low", "high", -INFINITY, INFINITY},
    {"hardtanh", HONE_WAY_UNARY, HONE_CLAMP, 1, "low", "high", -1, 1},
    {"softplus", HONE_WAY_UNARY, HONE_SOFTPLUS, 1, "beta", "threshold", 1, 20},
    BINARY("add", HONE_ADD),
    BINARY("sub", HONE_SUB),
    BINARY("mul", HONE_MUL),
    BINARY("div", HONE_DIV),
    BINARY("pow", HONE_POW),
    BINARY("minimum", HONE_MINIMUM),
    BINARY("maximum", HONE_MAXIMUM),
    BINARY("xlogy", HONE_XLOGY),
    BINARY("less", HONE_LESS),
    BINARY("equal", HONE_EQUAL),
    PLAIN("where", HONE_WAY_WHERE, 0, 3),
    PLAIN("transpose", HONE_WAY_TRANSPOSE, 0, 1),
    PLAIN("reshape", HONE_WAY_COPY, 0, 1),
    PLAIN("broadcast", HONE_WAY_BROADCAST, 0, 1),
    {"slice", HONE_WAY_SLICE, 0, 1, "start", "step", 0, 1},
    PLAIN("embedding", HONE_WAY_EMBEDDING, 0, 2),
    {"rope", HONE_WAY_ROPE, 0, 2, "base", NULL, 10000, 0},
    {"dequantize_w4", HONE_WAY_DEQUANTIZE, 0, 2, "group", NULL, 128, 0},
    {"matmul", HONE_WAY_MATMUL, 0, 2, "transpose_a", "transpose_b", 0, 0},
    PLAIN("linear", HONE_WAY_LINEAR, 0, 2),
    PLAIN("conv2d", HONE_WAY_CONV2D, 0, 2),
    PLAIN("spmv_csr", HONE_WAY_CSR, 0, 4),
    PLAIN("spmm_csr", HONE_WAY_CSR, 0, 4),
    PLAIN("softmax", HONE_WAY_SOFTMAX, 0, 1),
    PLAIN("log_softmax", HONE_WAY_SOFTMAX, 1, 1),
    PLAIN("sum", HONE_WAY_REDUCE, HONE_SUM, 1),
    PLAIN("mean", HONE_WAY_REDUCE, HONE_MEAN, 1),
    PLAIN("max", HONE_WAY_REDUCE, HONE_MAX, 1),
    PLAIN("min", HONE_WAY_REDUCE, HONE_MIN, 1),
    {"layer_norm", HONE_WAY_NORM, 0, 1, "eps", "dims", 1e-5, 1},
    {"rmsnorm", HONE_WAY_NORM, 1, 1, "eps", "dims", 1e-5, 1},
    {"attention", HONE_WAY_ATTENTION, 0, 3, "scale", "causal", 0, 0},
    {"attention_paged", HONE_WAY_PAGED, 0, 5, "scale", NULL, 0, 0},
};

const struct hone_operator_row *hone_cuda_operator(const char *name) {
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}
