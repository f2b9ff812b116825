/* Functions of one element, or of a pair whose shapes broadcast. */
#include "core/operators/operator.h"

#include <string.h>

static double map_relu(double x, double a, double b) {
    (void)a, (void)b;
    return x > 0 || x != x ? x : 0;
}

static double map_leaky_relu(double x, double slope, double b) {
    (void)b;
    return x > 0 ? x : slope * x;
}

static double map_sigmoid(double x, double a, double b) {
    (void)a, (void)b;
    return 1 / (1 + exp(-x));
}

static double map_silu(double x, double a, double b) {
    (void)a, (void)b;
    return x / (1 + exp(-x));
}

static double map_tanh(double x, double a, double b) {
    (void)a, (void)b;
    return tanh(x);
}

/* x Phi(x), with erfc, which stays exact where 1 + erf cancels (Hendrycks, Gimpel 2016). */
static double map_gelu(double x, double a, double b) {
    (void)a, (void)b;
    return x * erfc(-x * sqrt(0.5)) / 2;
}

/* The approximation of the same paper: 0.5 (1 + tanh u) is a sigmoid of 2u. */
static double map_gelu_tanh(double x, double a, double b) {
    (void)a, (void)b;
    const double u = 0.79788456080286535588 * (x + 0.044715 * x * x * x);
    return x / (1 + exp(-2 * u));
}

static double map_elu(double x, double alpha, double scale) {
    return scale * (x > 0 ? x : alpha * expm1(x));
}

/* min, then max, as clamp is where the bounds cross; a NaN stays. */
static double map_clamp(double x, double low, double high) {
    x = x < low ? low : x;
    return x > high ? high : x;
}

static double map_hardsigmoid(double x, double a, double b) {
    (void)a, (void)b;
    return map_clamp(x + 3, 0, 6) / 6;
}

static double map_hardswish(double x, double a, double b) {
    return x * map_hardsigmoid(x, a, b);
}

static double map_softplus(double x, double beta, double threshold) {
    if (beta * x > threshold)
        return x;
    return (fmax(beta * x, 0) + log1p(exp(-fabs(beta * x)))) / beta;
}

static double map_mish(double x, double a, double b) {
    (void)a, (void)b;
    return x * tanh(fmax(x, 0) + log1p(exp(-fabs(x))));
}

static double map_softsign(double x, double a, double b) {
    (void)a, (void)b;
    return x / (1 + fabs(x));
}

static double map_exp(double x, double a, double b) {
    (void)a, (void)b;
    return exp(x);
}

static double map_log(double x, double a, double b) {
    (void)a, (void)b;
    return log(x);
}

static double map_sqrt(double x, double a, double b) {
    (void)a, (void)b;
    return sqrt(x);
}

static double map_rsqrt(double x, double a, double b) {
    (void)a, (void)b;
    return 1 / sqrt(x);
}

static double map_abs(double x, double a, double b) {
    (void)a, (void)b;
    return fabs(x);
}

static double map_neg(double x, double a, double b) {
    (void)a, (void)b;
    return -x;
}

static double map_erf(double x, double a, double b) {
    (void)a, (void)b;
    return erf(x);
}

static double map_sin(double x, double a, double b) {
    (void)a, (void)b;
    return sin(x);
}

static double map_cos(double x, double a, double b) {
    (void)a, (void)b;
    return cos(x);
}

static double map_identity(double x, double a, double b) {
    (void)a, (void)b;
    return x;
}

static double pair_add(double x, double y, double b) {
    (void)b;
    return x + y;
}

static double pair_sub(double x, double y, double b) {
    (void)b;
    return x - y;
}

static double pair_mul(double x, double y, double b) {
    (void)b;
    return x * y;
}

static double pair_div(double x, double y, double b) {
    (void)b;
    return x / y;
}

static double pair_pow(double x, double y, double b) {
    (void)b;
    return pow(x, y);
}

/* A NaN of either wins, as in the frameworks that graphs come from. */
static double pair_minimum(double x, double y, double b) {
    (void)b;
    return x < y || x != x ? x : y;
}

static double pair_maximum(double x, double y, double b) {
    (void)b;
    return x > y || x != x ? x : y;
}

/* x log y, and 0 where x is 0 whatever y is. */
static double pair_xlogy(double x, double y, double b) {
    (void)b;
    return x == 0 && y == y ? 0 : x * log(y);
}

static double pair_less(double x, double y, double b) {
    (void)b;
    return x < y;
}

static double pair_equal(double x, double y, double b) {
    (void)b;
    return x == y;
}

static int run_unary(struct hone_operation *operation, struct hone_error *error) {
    (void)error;
    const double a = operation->attributes[0].values[0], b = operation->attributes[1].values[0];
    const double *in = operation->operands[0].data;
    double *out = operation->output.data;
    for (int64_t i = 0; i < operation->output.count; i++)
        out[i] = operation->op->map(in[i], a, b);
    return 0;
}

/* Shapes are aligned at their ends; an extent of 1 is repeated. */
static int shape_broadcast(struct hone_operation *operation, struct hone_error *error) {
    int64_t shape[HONE_DIMS_MAX];
    uint32_t ndim = 0;
    for (uint32_t k = 0; k < operation->operand_count; k++)
        if (operation->operands[k].ndim > ndim)
            ndim = operation->operands[k].ndim;
    for (uint32_t i = 0; i < ndim; i++)
        shape[i] = 1;
    for (uint32_t k = 0; k < operation->operand_count; k++) {
        const struct hone_array *operand = &operation->operands[k];
        const uint32_t missing = ndim - operand->ndim;
        for (uint32_t i = 0; i < operand->ndim; i++) {
            int64_t *extent = &shape[missing + i];
            if (*extent == 1)
                *extent = operand->shape[i];
            else if (operand->shape[i] != 1 && operand->shape[i] != *extent)
                return hone_operands_fail(operation, error,
                                          "expected extents that agree from the last on, or are 1");
        }
    }
    hone_output_shape(operation, ndim, shape);
    return 0;
}

/* How far an operand moves for a step of each of the output's dimensions: 0 where it repeats. */
static void strides_of(const struct hone_array *operand, uint32_t ndim, int64_t *strides) {
    int64_t stride = 1;
    memset(strides, 0, HONE_DIMS_MAX * sizeof *strides);
    for (uint32_t i = operand->ndim; i-- > 0;) {
        strides[ndim - operand->ndim + i] = operand->shape[i] == 1 ? 0 : stride;
        stride *= operand->shape[i];
    }
}

/* Rows of the last dimension, in order; `at` counts the others. */
static int run_broadcast(struct hone_operation *operation, struct hone_error *error) {
    (void)error;
    const struct hone_array *out = &operation->output;
    int64_t strides[3][HONE_DIMS_MAX] = {{0}}, at[HONE_DIMS_MAX] = {0};
    const double *data[3] = {NULL};
    for (uint32_t k = 0; k < operation->operand_count; k++) {
        strides_of(&operation->operands[k], out->ndim, strides[k]);
        data[k] = operation->operands[k].data;
    }
    const uint32_t last = out->ndim ? out->ndim - 1 : 0;
    const int64_t length = out->ndim ? out->shape[last] : 1;
    for (int64_t done = 0; done < out->count; done += length) {
        int64_t offset[3] = {0};
        for (uint32_t k = 0; k < operation->operand_count; k++)
            for (uint32_t i = 0; i < last; i++)
                offset[k] += at[i] * strides[k][i];
        for (int64_t j = 0; j < length; j++) {
            const double x = data[0][offset[0] + j * strides[0][last]];
            const double y = data[1][offset[1] + j * strides[1][last]];
            if (operation->op->map)
                out->data[done + j] = operation->op->map(x, y, 0);
            else
                out->data[done + j] = x != 0 ? y : data[2][offset[2] + j * strides[2][last]];
        }
        for (uint32_t i = last; i-- > 0;) {
            if (++at[i] < out->shape[i])
                break;
            at[i] = 0;
        }
    }
    return 0;
}

#define UNARY(word, function)                                                                      \
    { .name = word, .operands = "x", .shape = hone_shape_same, .run = run_unary, .map = function }
#define BINARY(word, function)                                                                     \
    {                                                                                              \
        .name = word, .operands = "x y", .shape = shape_broadcast, .run = run_broadcast,           \
        .map = function                                                                            \
    }
#define WITH(word, function, ...)                                                                  \
    {                                                                                              \
        .name = word, .operands = "x", .shape = hone_shape_same, .run = run_unary,                 \
        .map = function, .attributes = {                                                           \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }
#define REAL(word, fallback)                                                                       \
    { word, HONE_ATTRIBUTE_REAL, fallback }

const struct hone_operator hone_operators_elementwise[] = {
    UNARY("relu", map_relu),
    WITH("leaky_relu", map_leaky_relu, REAL("slope", 0.01)),
    UNARY("sigmoid", map_sigmoid),
    UNARY("silu", map_silu),
    UNARY("tanh", map_tanh),
    UNARY("gelu", map_gelu),
    UNARY("gelu_tanh", map_gelu_tanh),
    WITH("elu", map_elu, REAL("alpha", 1), REAL("scale", 1)),
    WITH("selu", map_elu, REAL("alpha", 1.6732632423543772848170429916717),
         REAL("scale", 1.0507009873554804934193349852946)),
    WITH("clamp", map_clamp, REAL("low", -(double)INFINITY), REAL("high", HONE_ATTRIBUTE_ABSENT)),
    WITH("hardtanh", map_clamp, REAL("low", -1), REAL("high", 1)),
    UNARY("hardsigmoid", map_hardsigmoid),
    UNARY("hardswish", map_hardswish),
    WITH("softplus", map_softplus, REAL("beta", 1), REAL("threshold", 20)),
    UNARY("mish", map_mish),
    UNARY("softsign", map_softsign),
    UNARY("exp", map_exp),
    UNARY("log", map_log),
    UNARY("sqrt", map_sqrt),
    UNARY("rsqrt", map_rsqrt),
    UNARY("abs", map_abs),
    UNARY("neg", map_neg),
    UNARY("erf", map_erf),
    UNARY("sin", map_sin),
    UNARY("cos", map_cos),
    UNARY("identity", map_identity),
    BINARY("add", pair_add),
    BINARY("sub", pair_sub),
    BINARY("mul", pair_mul),
    BINARY("div", pair_div),
    BINARY("pow", pair_pow),
    BINARY("minimum", pair_minimum),
    BINARY("maximum", pair_maximum),
    BINARY("xlogy", pair_xlogy),
    BINARY("less", pair_less),
    BINARY("equal", pair_equal),
    /* y where x is not 0, else z */
    {.name = "where", .operands = "x y z", .shape = shape_broadcast, .run = run_broadcast},
    {.name = NULL},
};
