/* Operators as steps of a plan: by cuBLAS or cuDNN where one of them has it and takes the operands
 * (one that says no has queued nothing), else by a kernel of our own
 * (hardware/cuda/operators/kernels.cu). */
#include "hardware/cuda/launcher/step.h"

#include "hardware/cuda/operators/list.h"
#include "plugins/operators.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define ATTRIBUTES_MAX 8
#define LIST_MAX HONE_OPERATION_DIMS
#define BLOCK 256u
#define BLOCKS_MOST 65535

struct attribute {
    char name[8 * HONE_OPERATOR_NAME_WORDS];
    uint32_t count;
    double values[LIST_MAX];
};

struct call {
    const struct queueing *queueing;
    const struct hone_operator_row *row;
    struct hone_operation operation;
    struct attribute attributes[ATTRIBUTES_MAX];
    uint32_t attribute_count;
};

/* ---- reading ---- */

static bool take_name(struct reading *reading, char name[8 * HONE_OPERATOR_NAME_WORDS]) {
    uint64_t words[HONE_OPERATOR_NAME_WORDS];
    for (size_t i = 0; i < HONE_OPERATOR_NAME_WORDS; i++)
        if (!reading_take(reading, &words[i]))
            return false;
    memcpy(name, words, sizeof words);
    return memchr(name, '\0', sizeof words) != NULL;
}

static bool take_number(struct reading *reading, struct hone_operand *operand) {
    uint64_t bits;
    if (!reading_take(reading, &bits))
        return false;
    const uint32_t narrow = (uint32_t)bits;
    memcpy(&operand->number, &narrow, sizeof narrow);
    operand->count = 1;
    return true;
}

static bool take_operand(struct call *call, struct reading *reading, struct hone_operand *operand) {
    uint64_t kind, extent;
    if (!reading_take(reading, &operand->address) || !reading_take(reading, &kind))
        return false;
    operand->type_code = (uint8_t)kind;
    operand->type_bits = (uint8_t)(kind >> 8);
    operand->ndim = (uint32_t)(kind >> 16) & 0xffff;
    if (!operand->address)
        return take_number(reading, operand);
    if (operand->ndim > HONE_OPERATION_DIMS ||
        !queueing_translate(call->queueing, &operand->address))
        return false;
    operand->count = 1;
    for (uint32_t i = 0; i < operand->ndim; i++) {
        if (!reading_take(reading, &extent) ||
            __builtin_mul_overflow(operand->count, (int64_t)extent, &operand->count))
            return false;
        operand->shape[i] = (int64_t)extent;
    }
    return operand->count >= 0;
}

static bool take_attribute(struct reading *reading, struct attribute *attribute) {
    uint64_t count, bits;
    if (!take_name(reading, attribute->name) || !reading_take(reading, &count) || count > LIST_MAX)
        return false;
    attribute->count = (uint32_t)count;
    for (uint32_t i = 0; i < count; i++) {
        if (!reading_take(reading, &bits))
            return false;
        memcpy(&attribute->values[i], &bits, sizeof bits);
    }
    return true;
}

static bool read_call(struct call *call, struct reading *reading) {
    struct hone_operation *operation = &call->operation;
    char name[8 * HONE_OPERATOR_NAME_WORDS];
    uint64_t counts;
    if (!reading_take(reading, &counts) || !take_name(reading, name))
        return false;
    call->row = hone_cuda_operator(name);
    operation->in_count = (uint32_t)counts;
    call->attribute_count = (uint32_t)(counts >> 32);
    if (!call->row || operation->in_count > HONE_OPERATION_OPERANDS ||
        operation->in_count < call->row->least || call->attribute_count > ATTRIBUTES_MAX)
        return false;
    for (uint32_t i = 0; i < operation->in_count; i++)
        if (!take_operand(call, reading, &operation->in[i]))
            return false;
    if (!take_operand(call, reading, &operation->out) || !operation->out.address)
        return false;
    for (uint32_t i = 0; i < call->attribute_count; i++)
        if (!take_attribute(reading, &call->attributes[i]))
            return false;
    return reading->at == reading->end;
}

/* ---- attributes ---- */

static const struct attribute *find(const struct call *call, const char *name) {
    for (uint32_t i = 0; name && i < call->attribute_count; i++)
        if (strcmp(call->attributes[i].name, name) == 0 && call->attributes[i].count)
            return &call->attributes[i];
    return NULL;
}

/* Entry `index` of a list, of which one number stands for all. */
static double value_of(const struct call *call, const char *name, uint32_t index, double fallback) {
    const struct attribute *own = find(call, name);
    return own ? own->values[own->count == 1 || index >= own->count ? 0 : index] : fallback;
}

static double first_of(const struct call *call) {
    return value_of(call, call->row->first, 0, call->row->first_default);
}

static double second_of(const struct call *call) {
    return value_of(call, call->row->second, 0, call->row->second_default);
}

/* The axis' length, and how far a step on it is. */
static int axis_of(const struct call *call, int64_t *length, int64_t *step, int64_t *axis) {
    const struct hone_operand *x = &call->operation.in[0];
    double number = value_of(call, "axis", 0, -1);
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

static int queue_kernel(const struct call *call, const char *name, bool is_row) {
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

static int queue_move(struct call *call) {
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
            double from = value_of(call, "axes", i, x->ndim - 1 - i);
            from += from < 0 ? x->ndim : 0;
            if (!(from >= 0 && from < x->ndim) || missing)
                return -EINVAL;
            operation->numbers[i] = strides[(uint32_t)from];
        }
    if (call->row->way == HONE_WAY_SLICE) {
        int64_t start = (int64_t)first_of(call);
        const int64_t by = (int64_t)second_of(call);
        if (axis_of(call, &length, &step, &axis) || missing || by < 1)
            return -EINVAL;
        start += start < 0 ? length : 0;
        start = start < 0 ? 0 : start;
        if (start + (operation->out.shape[axis] - 1) * by >= length)
            return -EINVAL;
        operation->numbers[axis] *= by;
        operation->numbers[HONE_OPERATION_DIMS] = start * step;
    }
    return queue_kernel(call, "move", false);
}

/* Of the same elements: as if both had one dimension. */
static int queue_copy(struct call *call) {
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

static int product_of(const struct call *call, struct product *product) {
    const struct hone_operand *a = &call->operation.in[0], *b = &call->operation.in[1];
    const struct hone_operand *out = &call->operation.out;
    const bool is_linear = call->row->way == HONE_WAY_LINEAR;
    if (a->ndim < 2 || b->ndim < 2 || out->ndim < 2)
        return -EINVAL;
    product->transpose_a = !is_linear && first_of(call) != 0;
    product->transpose_b = is_linear || second_of(call) != 0;
    product->m = out->shape[out->ndim - 2];
    product->n = out->shape[out->ndim - 1];
    product->k = a->shape[a->ndim - (product->transpose_a ? 2 : 1)];
    if (b->shape[b->ndim - (product->transpose_b ? 1 : 2)] != product->k)
        return -EINVAL;
    product->batch = out->count / (product->m * product->n);
    return 0;
}

/* By the library where all batches of a follow one another, and those of b do too or are one. */
static int queue_library_product(const struct call *call, const struct product *product) {
    const struct hone_operand *a = &call->operation.in[0], *b = &call->operation.in[1];
    const struct hone_operand *out = &call->operation.out;
    struct cublas_product wanted = {
        .batch = product->batch,
        .m = product->m,
        .n = product->n,
        .k = product->k,
        .transpose_a = product->transpose_a,
        .transpose_b = product->transpose_b,
        .same_b = b->count == product->k * product->n,
        .type_code = out->type_code,
        .type_bits = out->type_bits,
        .a = a->address,
        .b = b->address,
        .c = out->address,
    };
    struct cublas *cublas = library_cublas(call->queueing->launcher);
    if (!cublas || a->type_code != out->type_code || a->type_bits != out->type_bits ||
        b->type_code != out->type_code || b->type_bits != out->type_bits ||
        a->count != product->batch * product->m * product->k ||
        (!wanted.same_b && b->count != product->batch * product->k * product->n))
        return -ENOTSUP;
    if (wanted.same_b && !wanted.transpose_a) { /* one tall product */
        wanted.m *= wanted.batch;
        wanted.batch = 1;
    }
    return cublas_product(cublas, &wanted);
}

static int queue_product(struct call *call) {
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

static int queue_convolution(struct call *call) {
    struct hone_operation *operation = &call->operation;
    const struct hone_operand *x = &operation->in[0], *weight = &operation->in[1];
    struct cudnn *cudnn = library_cudnn(call->queueing->launcher);
    struct cudnn_convolution wanted = {.groups = (int64_t)value_of(call, "groups", 0, 1)};
    if (x->ndim != 4 || weight->ndim != 4 || operation->out.ndim != 4 || wanted.groups < 1 ||
        operation->out.shape[1] % wanted.groups)
        return -EINVAL;
    for (uint32_t i = 0; i < 2; i++) {
        operation->numbers[i] = wanted.stride[i] = (int64_t)value_of(call, "stride", i, 1);
        operation->numbers[2 + i] = wanted.padding[i] = (int64_t)value_of(call, "padding", i, 0);
        operation->numbers[4 + i] = wanted.dilation[i] = (int64_t)value_of(call, "dilation", i, 1);
    }
    operation->numbers[6] = wanted.groups;
    wanted.n = x->shape[0], wanted.c = x->shape[1], wanted.h = x->shape[2], wanted.w = x->shape[3];
    wanted.o = weight->shape[0], wanted.r = weight->shape[2], wanted.s = weight->shape[3];
    wanted.x = x->address, wanted.weight = weight->address, wanted.y = operation->out.address;
    wanted.bias = operation->in_count > 2 ? operation->in[2].address : 0;
    wanted.type_code = operation->out.type_code, wanted.type_bits = operation->out.type_bits;
    bool same = true;
    for (uint32_t i = 0; i < operation->in_count; i++)
        same &= operation->in[i].type_code == operation->out.type_code &&
                operation->in[i].type_bits == operation->out.type_bits;
    const bool done = cudnn && same && cudnn_convolution(cudnn, &wanted) == 0;
    return done ? 0 : queue_kernel(call, "conv2d", false);
}

/* ---- rows ---- */

static int queue_softmax(struct call *call) {
    struct hone_operation *operation = &call->operation;
    const struct hone_operand *x = &operation->in[0], *out = &operation->out;
    int64_t length, step, axis;
    if (axis_of(call, &length, &step, &axis) || length < 1)
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

static int queue_reduce(struct call *call) {
    struct hone_operation *operation = &call->operation;
    const struct hone_operand *x = &operation->in[0];
    const struct attribute *axes = find(call, "axes");
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

static int queue_norm(struct call *call) {
    struct hone_operation *operation = &call->operation;
    const struct hone_operand *x = &operation->in[0];
    const int64_t dims = (int64_t)second_of(call);
    operation->numbers[0] = 1;
    for (int64_t i = 0; i < dims && i < x->ndim; i++)
        operation->numbers[0] *= x->shape[x->ndim - 1 - i];
    for (uint32_t i = 1; i < operation->in_count; i++)
        if (operation->in[i].count != operation->numbers[0])
            return -EINVAL;
    operation->values[0] = (float)first_of(call);
    operation->items = x->count / operation->numbers[0];
    return queue_kernel(call, "norm", true);
}

static int queue_attention(struct call *call) {
    struct hone_operation *operation = &call->operation;
    const struct hone_operand *q = &operation->in[0], *k = &operation->in[1];
    const bool paged = call->row->way == HONE_WAY_PAGED;
    if (q->ndim != (paged ? 3 : 4) || k->ndim != 4 || operation->in[2].ndim != 4 ||
        (paged && operation->in[3].ndim != 2))
        return -EINVAL;
    const int64_t d = q->shape[q->ndim - 1], heads = k->shape[paged ? 2 : 1];
    if (d < 1 || heads < 1 || q->shape[1] % heads || k->shape[3] != d)
        return -EINVAL;
    if (d > HONE_OPERATION_WIDEST)
        return -ENOTSUP;
    operation->values[0] = (float)value_of(call, "scale", 0, 1 / sqrt((double)d));
    operation->variant = !paged && second_of(call) != 0;
    operation->items = q->count / d;
    return queue_kernel(call, paged ? "attention_paged" : "attention", true);
}

/* ---- all of them ---- */

static int queue(struct call *call) {
    struct hone_operation *operation = &call->operation;
    operation->variant = call->row->variant;
    operation->items = operation->out.count;
    operation->values[0] = (float)first_of(call);
    operation->values[1] = (float)second_of(call);
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
        operation->numbers[0] = (int64_t)first_of(call);
        return operation->numbers[0] > 0 ? queue_kernel(call, "dequantize_w4", false) : -EINVAL;
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
    struct call call = {.queueing = queueing};
    struct reading reading = {words, words + count};
    struct launcher *launcher = queueing->launcher;
    if (!read_call(&call, &reading))
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
