/* What is computed along axes: sums, extremes, norms, softmax and scans. */
#include "core/operators/operator.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- over any set of axes ---- */

/* Which axes are reduced: all where none is named. */
static int reduced_axes(const struct hone_operation *operation, bool reduced[HONE_DIMS_MAX],
                        struct hone_error *error) {
    const struct hone_attribute_value *axes = hone_attribute(operation, "axes");
    const struct hone_array *x = &operation->operands[0];
    for (uint32_t i = 0; i < HONE_DIMS_MAX; i++)
        reduced[i] = axes->count == 0;
    for (uint32_t i = 0; i < axes->count; i++) {
        double axis = axes->values[i] < 0 ? axes->values[i] + x->ndim : axes->values[i];
        if (!(axis >= 0 && axis < x->ndim) || reduced[(uint32_t)axis])
            return hone_operands_fail(operation, error,
                                      "axes holds %.0f, expected each of %d..%d once at most",
                                      axes->values[i], -(int)x->ndim, (int)x->ndim - 1);
        reduced[(uint32_t)axis] = true;
    }
    return 0;
}

static int shape_reduce(struct hone_operation *operation, struct hone_error *error) {
    const struct hone_array *x = &operation->operands[0];
    bool reduced[HONE_DIMS_MAX], keep = hone_attribute_integer(operation, "keepdims") != 0;
    int64_t shape[HONE_DIMS_MAX];
    uint32_t ndim = 0;
    int result = reduced_axes(operation, reduced, error);
    if (result < 0)
        return result;
    for (uint32_t i = 0; i < x->ndim; i++)
        if (!reduced[i] || keep)
            shape[ndim++] = reduced[i] ? 1 : x->shape[i];
    hone_output_shape(operation, ndim, shape);
    return 0;
}

enum reduction { SUM, MEAN, PROD, MAX, MIN, LOGSUMEXP, NORM };

static long double combine(enum reduction kind, long double sum, double x) {
    switch (kind) {
    case PROD:
        return sum * x;
    case MAX:
    case LOGSUMEXP:
        return x > (double)sum || x != x ? x : sum;
    case MIN:
        return x < (double)sum || x != x ? x : sum;
    case NORM:
        return sum + (long double)x * x;
    default:
        return sum + x;
    }
}

static double finish(enum reduction kind, long double sum, long double most, int64_t terms) {
    switch (kind) {
    case MEAN:
        return (double)(sum / (long double)terms);
    case NORM:
        return (double)sqrtl(sum);
    case LOGSUMEXP:
        return (double)(isinf(most) ? most : most + logl(sum));
    default:
        return (double)sum;
    }
}

/* Where each output's terms begin, and where a term lies from there: places of kept and of reduced
 * dimensions, counted apart, the last one fastest. */
static void places(const struct hone_array *x, const bool reduced[HONE_DIMS_MAX], bool wanted,
                   int64_t count, int64_t *offsets) {
    int64_t strides[HONE_DIMS_MAX], at[HONE_DIMS_MAX] = {0}, stride = 1, offset = 0;
    for (uint32_t i = x->ndim; i-- > 0; stride *= x->shape[i])
        strides[i] = stride;
    for (int64_t k = 0; k < count; k++) {
        offsets[k] = offset;
        for (uint32_t i = x->ndim; i-- > 0;) {
            if (reduced[i] != wanted)
                continue;
            offset += strides[i];
            if (++at[i] < x->shape[i])
                break;
            offset -= at[i] * strides[i];
            at[i] = 0;
        }
    }
}

static int run_reduce(struct hone_operation *operation, struct hone_error *error) {
    static const long double starts[] = {
        [PROD] = 1, [MAX] = -INFINITY, [MIN] = INFINITY, [LOGSUMEXP] = -INFINITY, [NORM] = 0};
    const struct hone_array *x = &operation->operands[0], *out = &operation->output;
    const enum reduction kind = (enum reduction)operation->op->variant;
    bool reduced[HONE_DIMS_MAX];
    int result = reduced_axes(operation, reduced, error);
    if (result < 0)
        return result;
    int64_t terms = 1;
    for (uint32_t i = 0; i < x->ndim; i++)
        terms *= reduced[i] ? x->shape[i] : 1;
    int64_t *first = calloc((size_t)(out->count + terms) + 1, sizeof *first);
    if (!first)
        return -ENOMEM;
    int64_t *term = first + out->count;
    places(x, reduced, false, out->count, first);
    places(x, reduced, true, terms, term);
    for (int64_t i = 0; i < out->count; i++) {
        const double *from = x->data + first[i];
        long double sum = starts[kind], most = 0;
        for (int64_t k = 0; k < terms; k++)
            sum = combine(kind, sum, from[term[k]]);
        if (kind == LOGSUMEXP) { /* the largest is known now; add up what is left of each */
            most = sum;
            sum = 0;
            for (int64_t k = 0; k < terms; k++)
                sum += expl((long double)from[term[k]] - most);
        }
        out->data[i] = finish(kind, sum, most, terms);
    }
    free(first);
    return 0;
}

/* ---- along one axis ---- */

static int shape_axis(struct hone_operation *operation, struct hone_error *error) {
    uint32_t axis;
    int result = hone_attribute_axis(operation, &axis, error);
    return result < 0 ? result : hone_shape_same(operation, error);
}

static int shape_argument(struct hone_operation *operation, struct hone_error *error) {
    const struct hone_array *x = &operation->operands[0];
    const bool keep = hone_attribute_integer(operation, "keepdims") != 0;
    int64_t shape[HONE_DIMS_MAX];
    uint32_t axis, ndim = 0;
    int result = hone_attribute_axis(operation, &axis, error);
    if (result < 0)
        return result;
    if (x->shape[axis] == 0)
        return hone_operands_fail(operation, error, "expected an element at least on axis %u",
                                  axis);
    for (uint32_t i = 0; i < x->ndim; i++)
        if (i != axis || keep)
            shape[ndim++] = i == axis ? 1 : x->shape[i];
    hone_output_shape(operation, ndim, shape);
    return 0;
}

/* The first of the largest, or of the smallest; a NaN counts as more than everything. */
static int run_argument(struct hone_operation *operation, struct hone_error *error) {
    const double sign = operation->op->variant ? -1 : 1;
    uint32_t axis;
    int result = hone_attribute_axis(operation, &axis, error);
    if (result < 0)
        return result;
    const struct hone_axis_view view = hone_axis_view(&operation->operands[0], axis);
    for (int64_t o = 0; o < view.outer; o++)
        for (int64_t i = 0; i < view.inner; i++) {
            const double *x = operation->operands[0].data + o * view.length * view.inner + i;
            int64_t best = 0;
            for (int64_t k = 1; k < view.length; k++) {
                const double mine = sign * x[k * view.inner], most = sign * x[best * view.inner];
                if (mine > most || (mine != mine && most == most))
                    best = k;
            }
            operation->output.data[o * view.inner + i] = (double)best;
        }
    return 0;
}

static int run_softmax(struct hone_operation *operation, struct hone_error *error) {
    const bool logarithm = operation->op->variant != 0;
    uint32_t axis;
    int result = hone_attribute_axis(operation, &axis, error);
    if (result < 0)
        return result;
    const struct hone_axis_view view = hone_axis_view(&operation->operands[0], axis);
    for (int64_t o = 0; o < view.outer; o++)
        for (int64_t i = 0; i < view.inner; i++) {
            const int64_t first = o * view.length * view.inner + i, step = view.inner;
            const double *x = operation->operands[0].data + first;
            double *y = operation->output.data + first, most = -INFINITY;
            long double sum = 0;
            for (int64_t k = 0; k < view.length; k++)
                most = x[k * step] > most ? x[k * step] : most;
            for (int64_t k = 0; k < view.length; k++)
                sum += y[k * step] = exp(x[k * step] - most);
            const double whole = (double)sum, shift = most + log(whole);
            for (int64_t k = 0; k < view.length; k++)
                y[k * step] = logarithm ? x[k * step] - shift : y[k * step] / whole;
        }
    return 0;
}

static int run_scan(struct hone_operation *operation, struct hone_error *error) {
    const bool product = operation->op->variant != 0;
    uint32_t axis;
    int result = hone_attribute_axis(operation, &axis, error);
    if (result < 0)
        return result;
    const bool reverse = hone_attribute_integer(operation, "reverse") != 0;
    const bool exclusive = hone_attribute_integer(operation, "exclusive") != 0;
    const struct hone_axis_view view = hone_axis_view(&operation->operands[0], axis);
    for (int64_t o = 0; o < view.outer; o++)
        for (int64_t i = 0; i < view.inner; i++) {
            const int64_t first = o * view.length * view.inner + i;
            long double sum = product;
            for (int64_t k = 0; k < view.length; k++) {
                const int64_t at = first + (reverse ? view.length - 1 - k : k) * view.inner;
                const long double before = sum;
                const double x = operation->operands[0].data[at];
                sum = product ? sum * x : sum + x;
                operation->output.data[at] = (double)(exclusive ? before : sum);
            }
        }
    return 0;
}

#define REDUCE(word, kind)                                                                         \
    {                                                                                              \
        .name = word, .operands = "x", .shape = shape_reduce, .run = run_reduce, .variant = kind,  \
        .attributes = {                                                                            \
            {"axes", HONE_ATTRIBUTE_INTEGERS, HONE_ATTRIBUTE_ABSENT},                              \
            {"keepdims", HONE_ATTRIBUTE_FLAG, 0}                                                   \
        }                                                                                          \
    }
#define ARGUMENT(word, kind)                                                                       \
    {                                                                                              \
        .name = word, .operands = "x", .shape = shape_argument, .run = run_argument,               \
        .variant = kind, .attributes = {                                                           \
            {"axis", HONE_ATTRIBUTE_INTEGER, HONE_ATTRIBUTE_REQUIRED},                             \
            {"keepdims", HONE_ATTRIBUTE_FLAG, 0}                                                   \
        }                                                                                          \
    }
#define SOFTMAX(word, kind)                                                                        \
    {                                                                                              \
        .name = word, .operands = "x", .shape = shape_axis, .run = run_softmax, .variant = kind,   \
        .attributes = {                                                                            \
            {"axis", HONE_ATTRIBUTE_INTEGER, -1}                                                   \
        }                                                                                          \
    }
#define SCAN(word, kind)                                                                           \
    {                                                                                              \
        .name = word, .operands = "x", .shape = shape_axis, .run = run_scan, .variant = kind,      \
        .attributes = {                                                                            \
            {"axis", HONE_ATTRIBUTE_INTEGER, -1},                                                  \
            {"reverse", HONE_ATTRIBUTE_FLAG, 0},                                                   \
            {"exclusive", HONE_ATTRIBUTE_FLAG, 0}                                                  \
        }                                                                                          \
    }

const struct hone_operator hone_operators_reduce[] = {
    REDUCE("sum", SUM),        REDUCE("mean", MEAN),
    REDUCE("prod", PROD),      REDUCE("max", MAX),
    REDUCE("min", MIN),        REDUCE("logsumexp", LOGSUMEXP),
    REDUCE("norm", NORM),      ARGUMENT("argmax", 0),
    ARGUMENT("argmin", 1),     SOFTMAX("softmax", 0),
    SOFTMAX("log_softmax", 1), SCAN("cumsum", 0),
    SCAN("cumprod", 1),        {.name = NULL},
};
