/* Losses that are no chain of other operators: means over a batch. */
#include "core/operators/operator.h"

#include <errno.h>

/* x [n, classes] of log probabilities, target [n]: minus the mean of those of the targets. */
static int shape_nll(struct hone_operation *operation, struct hone_error *error) {
    int result = hone_operand_rank(operation, 0, 2, error);
    if (result == 0)
        result = hone_operand_rank(operation, 1, 1, error);
    if (result == 0 && operation->operands[0].shape[0] != operation->operands[1].shape[0])
        return hone_operands_fail(operation, error, "expected a target for each row");
    operation->output.ndim = 0;
    return result;
}

static int run_nll(struct hone_operation *operation, struct hone_error *error) {
    const struct hone_array *x = &operation->operands[0];
    long double sum = 0;
    for (int64_t i = 0; i < x->shape[0]; i++) {
        int64_t target;
        int result = hone_index(&operation->operands[1], i, x->shape[1], "target", &target, error);
        if (result < 0)
            return result;
        sum -= x->data[i * x->shape[1] + target];
    }
    operation->output.data[0] = (double)(sum / (long double)x->shape[0]);
    return 0;
}

static int shape_smooth(struct hone_operation *operation, struct hone_error *error) {
    const struct hone_array *x = &operation->operands[0], *y = &operation->operands[1];
    bool same = x->ndim == y->ndim;
    for (uint32_t i = 0; same && i < x->ndim; i++)
        same = x->shape[i] == y->shape[i];
    if (!same)
        return hone_operands_fail(operation, error, "expected the same shape");
    if (!(hone_attribute_real(operation, "beta") > 0))
        return hone_operands_fail(operation, error, "expected a beta above 0");
    operation->output.ndim = 0;
    return 0;
}

/* The mean of d^2 / (2 beta) where |d| < beta, of |d| - beta / 2 elsewhere (Girshick 2015). */
static int run_smooth(struct hone_operation *operation, struct hone_error *error) {
    (void)error;
    const double beta = hone_attribute_real(operation, "beta");
    const int64_t count = operation->operands[0].count;
    long double sum = 0;
    for (int64_t i = 0; i < count; i++) {
        const double off = fabs(operation->operands[0].data[i] - operation->operands[1].data[i]);
        sum += off < beta ? off * off / (2 * beta) : off - beta / 2;
    }
    operation->output.data[0] = (double)(sum / (long double)count);
    return 0;
}

const struct hone_operator hone_operators_loss[] = {
    {.name = "nll_loss", .operands = "x target", .shape = shape_nll, .run = run_nll},
    {.name = "smooth_l1",
     .operands = "x target",
     .shape = shape_smooth,
     .run = run_smooth,
     .attributes = {{"beta", HONE_ATTRIBUTE_REAL, 1}}},
    {.name = NULL},
};
