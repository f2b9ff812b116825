/* Operators as steps of a plan: by cuBLAS or cuDNN where one of them has it and takes the operands
 * (one that says no has queued nothing), else by a kernel of our own
 * (hardware/cuda/operators/kernels.cu). */
#include "hardware/cuda/launcher/operator.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define BLOCK 256u
#define BLOCKS_MOST 65535

/* The axis' length, and how far a step on it is. */
static int axis_of(const struct operator_call *call, int64_t *length, int64_t *step,
                   int64_t *axis) {
    const struct hone_operand *x = &call->operation.in[0];
    double number = operator_value(call, "axis", 0, -1);
    number += number < 0 ? x->ndim : 0;
    if (!(number >= 0 && number < x->ndim))
        return -EINVAL;
    *axis = (int64_t)number;
    *length = x->shape[*axis];
    *step = 1;
    for (uint32_t i = (uint32_t)*axis + 1; i < x->ndim; i++)
        *step *= x->shape[i];
    return 0;
}

/* ---- our kernels ---- */

static int queue_kernel(const struct operator_call *call, const char *name, bool is_row) {
    struct launcher *launcher = call->queueing->launcher;
    struct hone_operation operation = call->operation;
    void *parameters[] = {&operation}, *function = library_kernel(launcher, name);
    const int64_t blocks = is_row ? operation.items : (operation.items + BLOCK - 1) / BLOCK;
    const struct cuda_launch launch = {
        .grid = {(uint32_t)(blocks < BLOCKS_MOST ? blocks : BLOCKS_MOST), 1, 1},
        .block = {BLOCK, 1, 1},
        .stream = launcher->stream,
    };
    if (!function)
        return -ENOENT;
    if (call->queueing->is_trial)
        return 0;
    return launcher->driver.launch(&launch, function, parameters, NULL) ? -EIO : 0;
}

/* ---- what moves elements ---- */

static void strides_of(const struct hone_operand *x, int64_t strides[HONE_OPERATION_DIMS]) {
    int64_t stride = 1;
    for (uint32_t i = x->ndim; i-- > 0; stride *= x->shape[i])
        strides[i] = stride;
}

static int queue_move(struct operator_call *call) {
    struct hone_operation *operation = &call->operation;
    const struct hone_operand *x = &operation->in[0];
    const uint32_t missing = operation->out.ndim - x->ndim;
    int64_t strides[HONE_OPERATION_DIMS] = {0}, length, step, axis;
    if (x->ndim > operation->out.ndim)
        return -EINVAL;
    strides_of(x, strides);
    for (uint32_t i = 0; i < x->ndim; i++)
        operation->numbers[missing + i] =
            x->shape[i] == 1 && operation->out.shape[missing + i] != 1 ? 0 : strides[i];
    if (call->row->way == HONE_WAY_TRANSPOSE)
        for (uint32_t i = 0; i < x->ndim; i++) {
            double from = operator_value(call, "axes", i, x->ndim - 1 - i);
            from += from < 0 ? x->ndim : 0;
            if (!(from >= 0 && from < x->ndim) || missing)
                return -EINVAL;
            operation->numbers[i] = strides[(uint32_t)from];
        }
    if (call->row->way == HONE_WAY_SLICE) {
        int64_t start, by;
        if (axis_of(call, &length, &step, &axis) || missing ||
            !operator_whole(operator_first(call), INT32_MIN, &start) ||
            !operator_whole(operator_second(call), 1, &by))
            return -EINVAL;
        start += start < 0 ? length : 0;
        start = start < 0 ? 0 : start;
        if (start >= length || operation->out.shape[axis] - 1 > (length - 1 - start) / by)
            return -EINVAL;
        operation->numbers[axis] *= by < length ? by : length; /* such a step is never taken */
        operation->numbers[HONE_OPERATION_DIMS] = start * step;
    }
    return queue_kernel(call, "move", false);
}

/* Of the same elements: as if both had one dimension. */
static int queue_copy(struct operator_call *call) {
    struct hone_operand *x = &call->operation.in[0], *out = &call->operation.out;
    if (x->count != out->count)
        return -EINVAL;
    x->ndim = out->ndim = 1;
    x->shape[0] = out->shape[0] = out->count;
    call->operation.numbers[0] = 1;
    return queue_kernel(call, "move", false);
}

/* ---- products ---- */

struct product {
    int64_t batch, m, n, k;
    bool transpose_a, transpose_b;
};

static int product_of(const struct operator_call *call, struct product *product) {
    const struct hone_operand *a = &call->operation.in[0], *b = &call->operation.in[1];
    const struct hone_operand *out = &call->operation.out;
    const bool is_linear = call->row->way == HONE_WAY_LINEAR;
    if (a->ndim < 2 || b->ndim < 2 || out->ndim < 2)
        return -EINVAL;
    product->transpose_a = !is_linear && operator_first(call) != 0;
    product->transpose_b = is_linear || operator_second(call) != 0;
    product->m = out->shape[out->ndim - 2];
    product->n = out->shape[out->ndim - 1];
    product->k = a->shape[a->ndim - (product->transpose_a ? 2 : 1)];
    if (b->shape[b->ndim - (product->transpose_b ? 1 : 2)] != product->k)
        return -EINVAL;
    product->batch = out->count / (product->m * product->n);
    return 0;
}

static bool holds(const struct hone_operand *x, int64_t batch, int64_t rows, int64_t columns) {
    int64_t count;
    return !__builtin_mul_overflow(rows, columns, &count) &&
           !__builtin_mul_overflow(batch, count, &count) && x->count == count;
}

/* By the library where all batches of a follow one another, and those of b do too or are one. */
static int queue_library_product(const struct operator_call *call, const struct product *product) {
    const struct hone_operand *a = &call->operation.in[0], *b = &call->operation.in[1];
    const struct hone_operand *out = &call->operation.out;
    struct cublas_product wanted = {
        .batch = product->batch,
        .m = product->m,
        .n = product->n,
        .k = product->k,
        .transpose_a = product->transpose_a,
        .transpose_b = product->transpose_b,
        .same_b = holds(b, 1, product->k, product->n),
        .type_code = out->type_code,
        .type_bits = out->type_bits,
        .a = a->address,
        .b = b->address,
        .c = out->address,
    };
    struct cublas *cublas = library_cublas(call->queueing->launcher);
    if (!cublas || a->type_code != out->type_code || a->type_bits != out->type_bits ||
        b->type_code != out->type_code || b->type_bits != out->type_bits ||
        !holds(a, product->batch, product->m, product->k) ||
        (!wanted.same_b && !holds(b, product->batch, product->k, product->n)))
        return -ENOTSUP;
    if (wanted.same_b && !wanted.transpose_a) { /* one tall product */
        wanted.m *= wanted.batch;
        wanted.batch = 1;
    }
    return cublas_product(cublas, &wanted);
}

static int queue_product(struct operator_call *call) {
    struct hone_operation *operation = &call->operation;
    struct product product;
    int result = product_of(call, &product);
    if (result)
        return result;
    result = queue_library_product(call, &product);
    if (result == 0)
        return operation->in_count > 2 ? queue_kernel(call, "add_bias", false) : 0;
    const int64_t numbers[] = {product.m,
                               product.n,
                               product.k,
                               product.transpose_a ? 1 : product.k,
                               product.transpose_a ? product.m : 1,
                               product.transpose_b ? product.k : 1,
                               product.transpose_b ? 1 : product.n};
    memcpy(operation->numbers, numbers, sizeof numbers);
    return queue_kernel(call, "product", false);
}

/* As small as the library has them, so that an extent computed with them is one. */
static bool take_window(struct operator_call *call, struct cudnn_convolution *wanted) {
    int64_t *numbers = call->operation.numbers;
    bool good = operator_whole(operator_value(call, "groups", 0, 1), 1, &wanted->groups);
    for (uint32_t i = 0; i < 2 && good; i++) {
        good = operator_whole(operator_value(call, "stride", i, 1), 1, &wanted->stride[i]) &&
               operator_whole(operator_value(call, "padding", i, 0), 0, &wanted->padding[i]) &&
               operator_whole(operator_value(call, "dilation", i, 1), 1, &wanted->dilation[i]) &&
               wanted->stride[i] <= INT32_MAX && wanted->padding[i] <= INT32_MAX &&
               wanted->dilation[i] <= INT32_MAX;
        numbers[i] = wanted->stride[i];
        numbers[2 + i] = wanted->padding[i];
        numbers[4 + i] = wanted->dilation[i];
    }
    numbers[6] = wanted->groups;
    return good;
}

static bool has_extent(const struct cudnn_convolution *wanted, int axis, int64_t extent) {
    const int64_t size = axis ? wanted->w : wanted->h, taps = axis ? wanted->s : wanted->r;
    int64_t padded, reach;
    return taps > 0 && !__builtin_add_overflow(size, 2 * wanted->padding[axis], &padded) &&
           !__builtin_mul_overflow(wanted->dilation[axis], taps - 1, &reach) && reach < padded &&
           (padded - 1 - reach) / wanted->stride[axis] + 1 == extent;
}

/* The library computes the output's extents itself, and is told of no more than operands hold. */
static bool take_shapes(const struct hone_operation *operation, struct cudnn_convolution *wanted) {
    const struct hone_operand *x = &operation->in[0], *weight = &operation->in[1];
    const struct hone_operand *out = &operation->out, *bias = &operation->in[2];
    if (x->ndim != 4 || weight->ndim != 4 || out->ndim != 4)
        return false;
    wanted->n = x->shape[0], wanted->c = x->shape[1], wanted->h = x->shape[2];
    wanted->w = x->shape[3], wanted->o = weight->shape[0], wanted->r = weight->shape[2];
    wanted->s = weight->shape[3];
    return wanted->c % wanted->groups == 0 && wanted->o % wanted->groups == 0 &&
           weight->shape[1] == wanted->c / wanted->groups && out->shape[0] == wanted->n &&
           out->shape[1] == wanted->o && has_extent(wanted, 0, out->shape[2]) &&
           has_extent(wanted, 1, out->shape[3]) &&
           (operation->in_count < 3 || (bias->address && bias->count == wanted->o));
}

static int queue_convolution(struct operator_call *call) {
    struct hone_operation *operation = &call->operation;
    struct cudnn *cudnn = library_cudnn(call->queueing->launcher);
    struct cudnn_convolution wanted = {
        .x = operation->in[0].address,
        .weight = operation->in[1].address,
        .bias = operation->in_count > 2 ? operation->in[2].address : 0,
        .y = operation->out.address,
        .type_code = operation->out.type_code,
        .type_bits = operation->out.type_bits,
    };
    if (!take_window(call, &wanted) || !take_shapes(operation, &wanted))
        return -EINVAL;
    bool same = true;
    for (uint32_t i = 0; i < operation->in_count; i++)
        same &= operation->in[i].type_code == operation->out.type_code &&
                operation->in[i].type_bits == operation->out.type_bits;
    const bool done = cudnn && same && cudnn_convolution(cudnn, &wanted) == 0;
    return done ? 0 : queue_kernel(call, "conv2d", false);
}

/* ---- rows ---- */

static int queue_softmax(struct operator_call *call) {
    struct hone_operation *operation = &call->operation;
    const struct hone_operand *x = &operation->in[0], *out = &operation->out;
    int64_t length, step, axis;
    if (axis_of(call, &length, &step, &axis) || length < 1 || x->count != out->count)
        return -EINVAL;
    operation->numbers[0] = length;
    operation->numbers[1] = step;
    operation->items = out->count / length;
    struct cudnn *cudnn = call->row->variant || step != 1 || x->type_code != out->type_code ||
                                  x->type_bits != out->type_bits
                              ? NULL
                              : library_cudnn(call->queueing->launcher);
    const bool done = cudnn && cudnn_softmax(cudnn, operation->items, length, out->type_code,
                                             out->type_bits, x->address, out->address) == 0;
    return done ? 0 : queue_kernel(call, "softmax", true);
}

static int queue_reduce(struct operator_call *call) {
    struct hone_operation *operation = &call->operation;
    const struct hone_operand *x = &operation->in[0];
    const struct operator_attribute *axes = operator_attribute(call, "axes");
    int64_t *reduced = operation->numbers + 1;
    for (uint32_t i = 0; i < x->ndim; i++)
        reduced[i] = !axes;
    for (uint32_t i = 0; axes && i < axes->count; i++) {
        const double axis = axes->values[i] + (axes->values[i] < 0 ? x->ndim : 0);
        if (!(axis >= 0 && axis < x->ndim))
            return -EINVAL;
        reduced[(uint32_t)axis] = 1;
    }
    operation->numbers[0] = 1;
    for (uint32_t i = 0; i < x->ndim; i++)
        operation->numbers[0] *= reduced[i] ? x->shape[i] : 1;
    operation->items = operation->out.count;
    return queue_kernel(call, "reduce", true);
}

static int queue_norm(struct operator_call *call) {
    struct hone_operation *operation = &call->operation;
    const struct hone_operand *x = &operation->in[0];
    int64_t dims;
    if (!operator_whole(operator_second(call), 0, &dims))
        return -EINVAL;
    operation->numbers[0] = 1;
    for (int64_t i = 0; i < dims && i < x->ndim; i++)
        operation->numbers[0] *= x->shape[x->ndim - 1 - i];
    if (operation->numbers[0] < 1 || x->count != operation->out.count)
        return -EINVAL;
    for (uint32_t i = 1; i < operation->in_count; i++)
        if (operation->in[i].count != operation->numbers[0])
            return -EINVAL;
    operation->values[0] = (float)operator_first(call);
    operation->items = x->count / operation->numbers[0];
    return queue_kernel(call, "norm", true);
}

static int queue_attention(struct operator_call *call) {
    struct hone_operation *operation = &call->operation;
    const struct hone_operand *q = &operation->in[0], *k = &operation->in[1];
    const bool paged = call->row->way == HONE_WAY_PAGED;
    if (q->ndim != (paged ? 3 : 4) || k->ndim != 4 || operation->in[2].ndim != 4 ||
        (paged && operation->in[3].ndim != 2))
        return -EINVAL;
    const int64_t d = q->shape[q->ndim - 1], heads = k->shape[paged ? 2 : 1];
    if (d < 1 || heads < 1 || q->shape[1] % heads || k->shape[3] != d ||
        operation->in[2].count != k->count || operation->out.count != q->count)
        return -EINVAL;
    if (d > HONE_OPERATION_WIDEST)
        return -ENOTSUP;
    operation->values[0] = (float)operator_value(call, "scale", 0, 1 / sqrt((double)d));
    operation->variant = !paged && operator_second(call) != 0;
    operation->items = q->count / d;
    return queue_kernel(call, paged ? "attention_paged" : "attention", true);
}

/* ---- all of them ---- */

static int queue(struct operator_call *call) {
    struct hone_operation *operation = &call->operation;
    operation->variant = call->row->variant;
    operation->items = operation->out.count;
    operation->values[0] = (float)operator_first(call);
    operation->values[1] = (float)operator_second(call);
    if (operation->items == 0)
        return 0;
    switch ((enum hone_operator_way)call->row->way) {
    case HONE_WAY_UNARY:
        return queue_kernel(call, "unary", false);
    case HONE_WAY_BINARY:
        return queue_kernel(call, "binary", false);
    case HONE_WAY_WHERE:
        return queue_kernel(call, "where", false);
    case HONE_WAY_TRANSPOSE:
    case HONE_WAY_BROADCAST:
    case HONE_WAY_SLICE:
        return queue_move(call);
    case HONE_WAY_COPY:
        return queue_copy(call);
    case HONE_WAY_EMBEDDING:
        return operation->in[0].ndim == 2 ? queue_kernel(call, "embedding", false) : -EINVAL;
    case HONE_WAY_ROPE:
        return operation->in[0].ndim == 3 ? queue_kernel(call, "rope", false) : -EINVAL;
    case HONE_WAY_DEQUANTIZE:
        return operator_whole(operator_first(call), 1, &operation->numbers[0])
                   ? queue_kernel(call, "dequantize_w4", false)
                   : -EINVAL;
    case HONE_WAY_MATMUL:
    case HONE_WAY_LINEAR:
        return queue_product(call);
    case HONE_WAY_CONV2D:
        return queue_convolution(call);
    case HONE_WAY_CSR:
        return operation->in[3].ndim ? queue_kernel(call, "csr", false) : -EINVAL;
    case HONE_WAY_SOFTMAX:
        return queue_softmax(call);
    case HONE_WAY_REDUCE:
        return queue_reduce(call);
    case HONE_WAY_NORM:
        return queue_norm(call);
    case HONE_WAY_ATTENTION:
    case HONE_WAY_PAGED:
        return queue_attention(call);
    }
    return -EINVAL;
}

/* An operator that fails is a fault of ours: the host has asked what there is, and checked shapes.
 */
int operator_queue(const struct queueing *queueing, const uint64_t *words, uint64_t count) {
    struct operator_call call = {.queueing = queueing};
    struct launcher *launcher = queueing->launcher;
    if (!operator_read(&call, words, count))
        return launcher_fail(launcher, queueing->reply, HONE_LAUNCHER_BROKEN, 0,
                             "an operator that is not there, or out of bounds");
    const int result = queue(&call);
    if (result == 0)
        return 0;
    if (result == -ENOENT)
        return launcher_fail(launcher, queueing->reply, HONE_LAUNCHER_BROKEN, 0, "operator %s: %s",
                             call.row->name, launcher->library.operators_text);
    return launcher_fail(launcher, queueing->reply, HONE_LAUNCHER_BROKEN, 0,
                         "operator %s cannot be run: %d", call.row->name, result);
}
