/* Normalisations: to mean 0 and variance 1 over some set of elements, then weight and bias. */
#include "core/operators/operator.h"

#include "core/error.h"

#include <errno.h>

/* x in memory order: `sets` of statistics; set s holds, for each of `outer`, the `inner` elements
 * that begin at (o * sets + s) * inner. Weight and bias repeat: element i has place
 * i / spread % affine of them. */
struct grouping {
    int64_t sets, outer, inner, spread, affine;
};

enum norm { BATCH, INSTANCE, GROUP, LAYER, RMS };

static int channels_of(const struct hone_operation *operation, enum norm kind,
                       struct grouping *grouping, struct hone_error *error) {
    const struct hone_array *x = &operation->operands[0];
    if (x->ndim < 2)
        return hone_operands_fail(operation, error, "expected [batch, channels, ...]");
    const int64_t channels = x->shape[1];
    const int64_t size = x->count && channels ? x->count / (x->shape[0] * channels) : 0;
    const int64_t groups = kind == GROUP ? hone_attribute_integer(operation, "groups") : channels;
    if (groups < 1 || channels % groups)
        return hone_operands_fail(operation, error,
                                  "expected channels that are a multiple of %lld groups",
                                  (long long)groups);
    if (kind == BATCH)
        *grouping = (struct grouping){channels, x->shape[0], size, size, channels};
    else
        *grouping =
            (struct grouping){x->shape[0] * groups, 1, size * (channels / groups), size, channels};
    return 0;
}

/* Over the last `dims` dimensions, which weight and bias have too. */
static int last_of(const struct hone_operation *operation, struct grouping *grouping,
                   struct hone_error *error) {
    const struct hone_array *x = &operation->operands[0];
    const int64_t dims = hone_attribute_integer(operation, "dims");
    if (dims < 1 || dims > x->ndim)
        return hone_operands_fail(operation, error, "dims is %lld, expected 1..%u", (long long)dims,
                                  x->ndim);
    int64_t inner = 1;
    for (uint32_t i = x->ndim - (uint32_t)dims; i < x->ndim; i++)
        inner *= x->shape[i];
    *grouping = (struct grouping){inner ? x->count / inner : 0, 1, inner, 1, inner};
    return 0;
}

static int grouping_of(const struct hone_operation *operation, struct grouping *grouping,
                       struct hone_error *error) {
    const enum norm kind = (enum norm)operation->op->variant;
    int result = kind >= LAYER ? last_of(operation, grouping, error)
                               : channels_of(operation, kind, grouping, error);
    for (uint32_t k = 1; result == 0 && k < operation->operand_count; k++)
        if (operation->operands[k].count != grouping->affine)
            return hone_operands_fail(operation, error, "expected %lld elements of weight and bias",
                                      (long long)grouping->affine);
    return result;
}

static int shape_norm(struct hone_operation *operation, struct hone_error *error) {
    struct grouping grouping;
    int result = grouping_of(operation, &grouping, error);
    return result < 0 ? result : hone_shape_same(operation, error);
}

/* The mean, or 0 about which an rms is taken, and one over the root of the mean square about it. */
static void statistics(const double *x, const struct grouping *grouping, bool centred, double eps,
                       double *mean, double *scale) {
    const int64_t step = grouping->sets * grouping->inner;
    const long double count = (long double)(grouping->outer * grouping->inner);
    long double sum = 0, squares = 0;
    for (int64_t o = 0; centred && o < grouping->outer; o++)
        for (int64_t i = 0; i < grouping->inner; i++)
            sum += x[o * step + i];
    *mean = (double)(sum / count);
    for (int64_t o = 0; o < grouping->outer; o++)
        for (int64_t i = 0; i < grouping->inner; i++) {
            const double off = x[o * step + i] - *mean;
            squares += (long double)off * off;
        }
    *scale = (double)(1 / sqrtl(squares / count + eps));
}

static int run_norm(struct hone_operation *operation, struct hone_error *error) {
    struct grouping grouping;
    int result = grouping_of(operation, &grouping, error);
    if (result < 0 || operation->output.count == 0)
        return result;
    const double eps = hone_attribute_real(operation, "eps");
    const bool centred = operation->op->variant != RMS;
    const double *weight = operation->operand_count > 1 ? operation->operands[1].data : NULL;
    const double *bias = operation->operand_count > 2 ? operation->operands[2].data : NULL;
    for (int64_t set = 0; set < grouping.sets; set++) {
        const int64_t first = set * grouping.inner, step = grouping.sets * grouping.inner;
        double mean, scale;
        statistics(operation->operands[0].data + first, &grouping, centred, eps, &mean, &scale);
        for (int64_t o = 0; o < grouping.outer; o++)
            for (int64_t i = 0; i < grouping.inner; i++) {
                const int64_t at = first + o * step + i;
                const int64_t place = at / grouping.spread % grouping.affine;
                double y = (operation->operands[0].data[at] - mean) * scale;
                y *= weight ? weight[place] : 1;
                operation->output.data[at] = y + (bias ? bias[place] : 0);
            }
    }
    return 0;
}

#define EPS(value)                                                                                 \
    { "eps", HONE_ATTRIBUTE_REAL, value }
#define NORM(word, kind, takes, ...)                                                               \
    {                                                                                              \
        .name = word, .operands = takes, .shape = shape_norm, .run = run_norm, .variant = kind,    \
        .attributes = {                                                                            \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }

const struct hone_operator hone_operators_norm[] = {
    /* statistics of the batch, as in training */
    NORM("batch_norm", BATCH, "x weight? bias?", EPS(1e-5)),
    NORM("instance_norm", INSTANCE, "x weight? bias?", EPS(1e-5)),
    NORM("group_norm", GROUP, "x weight? bias?", EPS(1e-5),
         {"groups", HONE_ATTRIBUTE_INTEGER, HONE_ATTRIBUTE_REQUIRED}),
    NORM("layer_norm", LAYER, "x weight? bias?", EPS(1e-5), {"dims", HONE_ATTRIBUTE_INTEGER, 1}),
    NORM("rmsnorm", RMS, "x weight?", EPS(1e-5), {"dims", HONE_ATTRIBUTE_INTEGER, 1}),
    {.name = NULL},
};
