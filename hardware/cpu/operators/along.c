/* What is computed along one axis: softmax, scans, places; reductions over any set of axes; losses.
 */
#include "hardware/cpu/operators/library.h"

#include <math.h>
#include <string.h>

/* ---- softmax; a place is `inner` apart from the next of its row ---- */

#define SUMS 8 /* side by side, since each addition waits for the one before */

static inline __attribute__((always_inline)) void softmax_of(const float *restrict x,
                                                             float *restrict y, int64_t length,
                                                             int64_t step, bool logarithm) {
    float most = x[0];
    double sums[SUMS] = {0}, sum = 0;
    for (int64_t k = 1; k < length; k++)
        most = x[k * step] > most ? x[k * step] : most;
    for (int64_t k = 0; k < length; k++)
        y[k * step] = fast_exp(x[k * step] - most);
    int64_t summed = 0;
    for (; summed + SUMS <= length; summed += SUMS)
        for (int64_t i = 0; i < SUMS; i++)
            sums[i] += y[(summed + i) * step];
    for (; summed < length; summed++)
        sum += y[summed * step];
    for (int64_t i = 0; i < SUMS; i++)
        sum += sums[i];
    const float part = (float)(1 / sum), shift = (float)log(sum);
    for (int64_t k = 0; k < length; k++)
        y[k * step] = logarithm ? x[k * step] - most - shift : y[k * step] * part;
}

WIDE static void softmax_row(const float *x, float *y, int64_t length, int64_t step,
                             bool logarithm) {
    if (step == 1)
        softmax_of(x, y, length, 1, logarithm);
    else
        softmax_of(x, y, length, step, logarithm);
}

static int run_softmax(const struct call *call) {
    int64_t outer, length, inner;
    int result = axis_of(call, -1, &outer, &length, &inner);
    for (int64_t o = 0; result == 0 && o < outer; o++)
        for (int64_t i = 0; i < inner; i++) {
            const int64_t first = o * length * inner + i;
            softmax_row(floats(&call->in[0]) + first, floats(call->out) + first, length, inner,
                        call->variant != 0);
        }
    return result;
}

/* ---- the first of the largest, or of the smallest; a NaN counts as more than everything ---- */

static int run_argument(const struct call *call) {
    int64_t outer, length, inner;
    int result = axis_of(call, -1, &outer, &length, &inner);
    const float sign = call->variant ? -1 : 1;
    for (int64_t at = 0; result == 0 && at < outer * inner; at++) {
        const float *x = floats(&call->in[0]) + at / inner * length * inner + at % inner;
        int64_t best = 0;
        for (int64_t k = 1; k < length; k++) {
            const float mine = sign * x[k * inner], most = sign * x[best * inner];
            if (mine > most || (mine != mine && most == most))
                best = k;
        }
        floats(call->out)[at] = (float)best;
    }
    return result;
}

/* ---- losses, means over a batch ---- */

static int run_nll(const struct call *call) {
    const struct hone_tensor *x = &call->in[0];
    double sum = 0;
    if (x->ndim != 2 || count_of(&call->in[1]) != x->shape[0])
        return -EINVAL;
    for (int64_t i = 0; i < x->shape[0]; i++) {
        int64_t target;
        int result = index_at(&call->in[1], i, x->shape[1], &target);
        if (result < 0)
            return result;
        sum -= floats(x)[i * x->shape[1] + target];
    }
    *floats(call->out) = (float)(sum / (double)x->shape[0]);
    return 0;
}

static int run_smooth(const struct call *call) {
    const double beta = attribute(call, "beta", 0, 1);
    const int64_t count = count_of(&call->in[0]);
    double sum = 0;
    if (count_of(&call->in[1]) != count)
        return -EINVAL;
    for (int64_t i = 0; i < count; i++) {
        const double off = fabs((double)floats(&call->in[0])[i] - floats(&call->in[1])[i]);
        sum += off < beta ? off * off / (2 * beta) : off - beta / 2;
    }
    *floats(call->out) = (float)(sum / (double)count);
    return 0;
}

/* ---- scans, in double: a long sum of floats drifts ---- */

static int run_scan(const struct call *call) {
    int64_t outer, length, inner;
    int result = axis_of(call, -1, &outer, &length, &inner);
    const bool reverse = attribute(call, "reverse", 0, 0) != 0;
    const bool exclusive = attribute(call, "exclusive", 0, 0) != 0;
    for (int64_t o = 0; result == 0 && o < outer; o++)
        for (int64_t i = 0; i < inner; i++) {
            double sum = call->variant;
            for (int64_t k = 0; k < length; k++) {
                const int64_t at = (o * length + (reverse ? length - 1 - k : k)) * inner + i;
                const float x = floats(&call->in[0])[at];
                const double before = sum;
                sum = call->variant ? sum * x : sum + x;
                floats(call->out)[at] = (float)(exclusive ? before : sum);
            }
        }
    return result;
}

/* ---- reductions ---- */

enum reduction { SUM, MEAN, PROD, MAX, MIN, LOGSUMEXP, NORM };

/* One term more, in double. */
static inline double add_term(enum reduction kind, double sum, double x) {
    switch (kind) {
    case PROD:
        return sum * x;
    case MAX:
    case LOGSUMEXP:
        return x > sum || x != x ? x : sum;
    case MIN:
        return x < sum || x != x ? x : sum;
    case NORM:
        return sum + x * x;
    default:
        return sum + x;
    }
}

struct walk {
    int32_t ndim;
    bool reduced[DIMS];
    int64_t shape[DIMS], strides[DIMS];
};

/* To the next place that differs in dimensions that are `reduced` or not; false after the last. */
static bool step(const struct walk *walk, bool reduced, int64_t at[DIMS], int64_t *offset) {
    for (int32_t i = walk->ndim; i-- > 0;) {
        if (walk->reduced[i] != reduced)
            continue;
        *offset += walk->strides[i];
        if (++at[i] < walk->shape[i])
            return true;
        *offset -= at[i] * walk->strides[i];
        at[i] = 0;
    }
    return false;
}

static double reduce(const struct walk *walk, const float *x, enum reduction kind) {
    static const double starts[] = {[PROD] = 1,
                                    [MAX] = -(double)INFINITY,
                                    [MIN] = (double)INFINITY,
                                    [LOGSUMEXP] = -(double)INFINITY,
                                    [NORM] = 0};
    int64_t at[DIMS] = {0}, offset = 0, terms = 0;
    double sum = starts[kind];
    do {
        sum = add_term(kind, sum, x[offset]);
        terms++;
    } while (step(walk, true, at, &offset));
    if (kind == LOGSUMEXP && isfinite(sum)) {
        const double most = sum;
        sum = 0;
        do
            sum += exp(x[offset] - most);
        while (step(walk, true, at, &offset));
        return most + log(sum);
    }
    return kind == MEAN ? sum / (double)terms : kind == NORM ? sqrt(sum) : sum;
}

static int run_reduce(const struct call *call) {
    const struct hone_tensor *x = &call->in[0];
    const uint32_t given = attribute_length(call, "axes");
    struct walk walk = {.ndim = x->ndim};
    int64_t stride = 1, at[DIMS] = {0}, offset = 0;
    if (x->ndim > DIMS || count_of(x) == 0)
        return -EINVAL;
    for (int32_t i = x->ndim; i-- > 0; stride *= x->shape[i]) {
        walk.shape[i] = x->shape[i];
        walk.strides[i] = stride;
        walk.reduced[i] = given == 0;
    }
    for (uint32_t i = 0; i < given; i++) {
        const double axis = attribute(call, "axes", i, 0);
        const int32_t place = (int32_t)axis + (axis < 0 ? x->ndim : 0);
        if (place < 0 || place >= x->ndim)
            return -EINVAL;
        walk.reduced[place] = true;
    }
    float *out = floats(call->out);
    do
        *out++ = (float)reduce(&walk, floats(x) + offset, (enum reduction)call->variant);
    while (step(&walk, false, at, &offset));
    return 0;
}

const struct row hone_library_along[] = {
    {"softmax", run_softmax, 0, 1},  {"log_softmax", run_softmax, 1, 1},
    {"cumsum", run_scan, 0, 1},      {"cumprod", run_scan, 1, 1},
    {"sum", run_reduce, SUM, 1},     {"mean", run_reduce, MEAN, 1},
    {"prod", run_reduce, PROD, 1},   {"max", run_reduce, MAX, 1},
    {"min", run_reduce, MIN, 1},     {"logsumexp", run_reduce, LOGSUMEXP, 1},
    {"norm", run_reduce, NORM, 1},   {"argmax", run_argument, 0, 1},
    {"argmin", run_argument, 1, 1},  {"nll_loss", run_nll, 0, 2},
    {"smooth_l1", run_smooth, 0, 2}, {NULL, NULL, 0, 0},
};
