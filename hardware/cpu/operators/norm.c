/* Normalisations; sums in double, so that a mean far from zero costs no digits. */
#include "hardware/cpu/operators/library.h"

#include <math.h>

enum norm { BATCH, INSTANCE, GROUP, LAYER, RMS };

/* `sets` of statistics, each over `outer` stretches of `inner` elements, (o * sets + s) * inner
 * apart; element i has place i / spread % affine of weight and bias. */
struct grouping {
    int64_t sets, outer, inner, spread, affine;
};

static int grouping_of(const struct call *call, struct grouping *grouping) {
    const struct hone_tensor *x = &call->in[0];
    const enum norm kind = (enum norm)call->variant;
    const int64_t count = count_of(x);
    if (kind >= LAYER) {
        const int32_t dims = (int32_t)attribute(call, "dims", 0, 1);
        int64_t inner = 1;
        for (int32_t i = 0; i < dims && i < x->ndim; i++)
            inner *= x->shape[x->ndim - 1 - i];
        *grouping = (struct grouping){count / inner, 1, inner, 1, inner};
    } else {
        if (x->ndim < 2)
            return -EINVAL;
        const int64_t channels = x->shape[1], size = count / (x->shape[0] * channels);
        const int64_t groups = kind == GROUP ? (int64_t)attribute(call, "groups", 0, 1) : channels;
        if (groups < 1 || channels % groups)
            return -EINVAL;
        *grouping = kind == BATCH ? (struct grouping){channels, x->shape[0], size, size, channels}
                                  : (struct grouping){x->shape[0] * groups, 1,
                                                      size * (channels / groups), size, channels};
    }
    for (uint32_t k = 1; k < call->in_count; k++)
        if (count_of(&call->in[k]) != grouping->affine)
            return -EINVAL;
    return 0;
}

WIDE static double sum_of(const float *x, int64_t count, double mean, bool squares) {
    double lanes[8] = {0};
    int64_t i = 0;
    for (; i + 8 <= count; i += 8)
        for (int lane = 0; lane < 8; lane++) {
            const double off = x[i + lane] - mean;
            lanes[lane] += squares ? off * off : x[i + lane];
        }
    for (; i < count; i++)
        lanes[0] += squares ? (x[i] - mean) * (x[i] - mean) : x[i];
    return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) +
           ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
}

/* One stretch; each element with its place of weight and bias, or all with one. */
WIDE static void apply(const float *restrict x, float *restrict y, int64_t count, double mean,
                       double scale, const float *weight, const float *bias, int64_t next) {
    for (int64_t i = 0; i < count; i++)
        y[i] = (float)((x[i] - mean) * scale);
    for (int64_t i = 0; weight && i < count; i++)
        y[i] *= weight[i * next];
    for (int64_t i = 0; bias && i < count; i++)
        y[i] += bias[i * next];
}

static int run_norm(const struct call *call) {
    struct grouping grouping;
    int result = grouping_of(call, &grouping);
    if (result < 0)
        return result;
    const float *weight = call->in_count > 1 ? floats(&call->in[1]) : NULL;
    const float *bias = call->in_count > 2 ? floats(&call->in[2]) : NULL;
    const double eps = attribute(call, "eps", 0, 1e-5);
    const double terms = (double)(grouping.outer * grouping.inner);
    for (int64_t set = 0; set < grouping.sets; set++) {
        const int64_t first = set * grouping.inner, step = grouping.sets * grouping.inner;
        const float *x = floats(&call->in[0]) + first;
        double sum = 0, squares = 0;
        for (int64_t o = 0; call->variant != RMS && o < grouping.outer; o++)
            sum += sum_of(x + o * step, grouping.inner, 0, false);
        const double mean = sum / terms;
        for (int64_t o = 0; o < grouping.outer; o++)
            squares += sum_of(x + o * step, grouping.inner, mean, true);
        const double scale = 1 / sqrt(squares / terms + eps);
        /* As long as elements have one place, or places of their own that follow each other. */
        const bool own = call->variant >= LAYER;
        const int64_t run = own ? grouping.inner : grouping.spread;
        for (int64_t o = 0; o < grouping.outer; o++)
            for (int64_t i = 0; i < grouping.inner; i += run) {
                const int64_t at = first + o * step + i;
                const int64_t place = at / grouping.spread % grouping.affine;
                apply(x + o * step + i, floats(call->out) + at, run, mean, scale,
                      weight ? weight + place : NULL, bias ? bias + place : NULL, own);
            }
    }
    return 0;
}

const struct row hone_library_norm[] = {
    {"batch_norm", run_norm, BATCH, 1}, {"instance_norm", run_norm, INSTANCE, 1},
    {"group_norm", run_norm, GROUP, 1}, {"layer_norm", run_norm, LAYER, 1},
    {"rmsnorm", run_norm, RMS, 1},      {NULL, NULL, 0, 0},
};
