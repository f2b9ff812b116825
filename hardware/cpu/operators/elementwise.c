/* Functions of one element, and of two that broadcast. */
#include "hardware/cpu/operators/library.h"

#include <math.h>
#include <string.h>

#define UNARY(name, text)                                                                          \
    WIDE static int run_##name(const struct call *call) {                                          \
        const float *restrict in = floats(&call->in[0]);                                           \
        float *restrict out = floats(call->out);                                                   \
        const int64_t count = count_of(call->out);                                                 \
        for (int64_t i = 0; i < count; i++) {                                                      \
            const float x = in[i];                                                                 \
            out[i] = text;                                                                         \
        }                                                                                          \
        return 0;                                                                                  \
    }

/* The same with two attributes, named in the function. */
#define UNARY_WITH(name, first, a_default, second, b_default, text)                                \
    WIDE static int run_##name(const struct call *call) {                                          \
        const float *restrict in = floats(&call->in[0]);                                           \
        float *restrict out = floats(call->out);                                                   \
        const int64_t count = count_of(call->out);                                                 \
        const float a = (float)attribute(call, first, 0, a_default);                               \
        const float b = (float)attribute(call, second, 0, b_default);                              \
        for (int64_t i = 0; i < count; i++) {                                                      \
            const float x = in[i];                                                                 \
            out[i] = text;                                                                         \
            (void)a, (void)b;                                                                      \
        }                                                                                          \
        return 0;                                                                                  \
    }

static inline float clip(float x, float low, float high) {
    x = x < low ? low : x;
    return x > high ? high : x;
}

UNARY(relu, x < 0 ? 0 : x)
UNARY(sigmoid, 1 / (1 + fast_exp(-x)))
UNARY(silu, x / (1 + fast_exp(-x)))
UNARY(tanh, tanhf(x))
UNARY(gelu, x *erfcf(-x * 0.70710678f) * 0.5f)
UNARY(gelu_tanh, x / (1 + fast_exp(-1.5957691216f * (x + 0.044715f * x * x * x))))
UNARY(hardsigmoid, clip(x + 3, 0, 6) / 6)
UNARY(hardswish, x *clip(x + 3, 0, 6) / 6)
UNARY(mish, x *tanhf((x > 0 ? x : 0) + log1pf(expf(-fabsf(x)))))
UNARY(softsign, x / (1 + fabsf(x)))
UNARY(exp, expf(x))
UNARY(log, logf(x))
UNARY(sqrt, sqrtf(x))
UNARY(rsqrt, 1 / sqrtf(x))
UNARY(abs, fabsf(x))
UNARY(neg, -x)
UNARY(erf, erff(x))
UNARY(sin, sinf(x))
UNARY(cos, cosf(x))
UNARY(identity, x)
UNARY_WITH(leaky_relu, "slope", 0.01, "", 0, x > 0 ? x : a * x)
UNARY_WITH(elu, "alpha", 1, "scale", 1, b *(x > 0 ? x : a * expm1f(x)))
UNARY_WITH(selu, "alpha", 1.67326324235437728, "scale", 1.05070098735548049,
           b *(x > 0 ? x : a * expm1f(x)))
UNARY_WITH(clamp, "low", -(double)INFINITY, "high", (double)INFINITY, clip(x, a, b))
UNARY_WITH(hardtanh, "low", -1, "high", 1, clip(x, a, b))
UNARY_WITH(softplus, "beta", 1, "threshold", 20,
           a *x > b ? x : ((a * x > 0 ? a * x : 0) + log1pf(expf(-fabsf(a * x)))) / a)

enum pair { ADD, SUB, MUL, DIV, POW, MINIMUM, MAXIMUM, XLOGY, LESS, EQUAL };

/* A row of pairs, whose operands go on by 0 or 1. */
#define PAIRS(text)                                                                                \
    for (int64_t i = 0; i < count; i++) {                                                          \
        const float x = a[i * a_step], y = b[i * b_step];                                          \
        out[i] = text;                                                                             \
    }                                                                                              \
    break

static inline __attribute__((always_inline)) void pairs_of(enum pair kind, const float *a,
                                                           int64_t a_step, const float *b,
                                                           int64_t b_step, float *restrict out,
                                                           int64_t count) {
    switch (kind) {
    case ADD:
        PAIRS(x + y);
    case SUB:
        PAIRS(x - y);
    case MUL:
        PAIRS(x * y);
    case DIV:
        PAIRS(x / y);
    case POW:
        PAIRS(powf(x, y));
    case MINIMUM:
        PAIRS(x < y || x != x ? x : y);
    case MAXIMUM:
        PAIRS(x > y || x != x ? x : y);
    case XLOGY:
        PAIRS(x == 0 && y == y ? 0 : x * logf(y));
    case LESS:
        PAIRS(x < y);
    case EQUAL:
        PAIRS(x == y);
    }
}

WIDE static void pairs(enum pair kind, const float *a, int64_t a_step, const float *b,
                       int64_t b_step, float *restrict out, int64_t count) {
    if (a_step && b_step)
        pairs_of(kind, a, 1, b, 1, out, count);
    else if (a_step)
        pairs_of(kind, a, 1, b, 0, out, count);
    else
        pairs_of(kind, a, a_step, b, b_step, out, count);
}

static void strides_of(const struct hone_tensor *operand, int32_t ndim, int64_t strides[DIMS]) {
    int64_t stride = 1;
    memset(strides, 0, DIMS * sizeof *strides);
    for (int32_t i = operand->ndim; i-- > 0;) {
        strides[ndim - operand->ndim + i] = operand->shape[i] == 1 ? 0 : stride;
        stride *= operand->shape[i];
    }
}

/* Rows of the last dimension; whole tensors at once where both have the output's shape. */
static int run_pair(const struct call *call) {
    const struct hone_tensor *out = call->out;
    const int64_t count = count_of(out);
    int64_t left[DIMS], right[DIMS], at[DIMS] = {0};
    if (out->ndim > DIMS || call->in[0].ndim > out->ndim || call->in[1].ndim > out->ndim)
        return -EINVAL;
    if (count_of(&call->in[0]) == count && count_of(&call->in[1]) == count) {
        pairs((enum pair)call->variant, floats(&call->in[0]), 1, floats(&call->in[1]), 1,
              floats(out), count);
        return 0;
    }
    strides_of(&call->in[0], out->ndim, left);
    strides_of(&call->in[1], out->ndim, right);
    const int32_t last = out->ndim - 1;
    for (int64_t done = 0; done < count; done += out->shape[last]) {
        int64_t a = 0, b = 0;
        for (int32_t i = 0; i < last; i++) {
            a += at[i] * left[i];
            b += at[i] * right[i];
        }
        pairs((enum pair)call->variant, floats(&call->in[0]) + a, left[last],
              floats(&call->in[1]) + b, right[last], floats(out) + done, out->shape[last]);
        for (int32_t i = last; i-- > 0;) {
            if (++at[i] < out->shape[i])
                break;
            at[i] = 0;
        }
    }
    return 0;
}

/* y where x is not 0, else z: one element at a time. */
static int run_where(const struct call *call) {
    const struct hone_tensor *out = call->out;
    int64_t strides[3][DIMS];
    for (int k = 0; k < 3; k++) {
        if (out->ndim > DIMS || call->in[k].ndim > out->ndim)
            return -EINVAL;
        strides_of(&call->in[k], out->ndim, strides[k]);
    }
    for (int64_t i = 0, count = count_of(out); i < count; i++) {
        int64_t at[3] = {0}, rest = i;
        for (int32_t d = out->ndim; d-- > 0; rest /= out->shape[d])
            for (int k = 0; k < 3; k++)
                at[k] += rest % out->shape[d] * strides[k][d];
        floats(out)[i] = floats(&call->in[0])[at[0]] != 0 ? floats(&call->in[1])[at[1]]
                                                          : floats(&call->in[2])[at[2]];
    }
    return 0;
}

#define ROW(word)                                                                                  \
    { #word, run_##word, 0, 1 }

const struct row hone_library_elementwise[] = {
    ROW(relu),
    ROW(sigmoid),
    ROW(silu),
    ROW(tanh),
    ROW(gelu),
    ROW(gelu_tanh),
    ROW(hardsigmoid),
    ROW(hardswish),
    ROW(mish),
    ROW(softsign),
    ROW(exp),
    ROW(log),
    ROW(sqrt),
    ROW(rsqrt),
    ROW(abs),
    ROW(neg),
    ROW(erf),
    ROW(sin),
    ROW(cos),
    ROW(identity),
    ROW(leaky_relu),
    ROW(elu),
    ROW(selu),
    ROW(clamp),
    ROW(hardtanh),
    ROW(softplus),
    {"add", run_pair, ADD, 2},
    {"sub", run_pair, SUB, 2},
    {"mul", run_pair, MUL, 2},
    {"div", run_pair, DIV, 2},
    {"pow", run_pair, POW, 2},
    {"minimum", run_pair, MINIMUM, 2},
    {"maximum", run_pair, MAXIMUM, 2},
    {"xlogy", run_pair, XLOGY, 2},
    {"less", run_pair, LESS, 2},
    {"equal", run_pair, EQUAL, 2},
    {"where", run_where, 0, 3},
    {NULL, NULL, 0, 0},
};
