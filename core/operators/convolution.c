/* Convolutions of one to three dimensions, and their transposes.
 *
 * Both move over the same pairs of places: `wide` = `narrow` * stride - padding + tap * dilation. A
 * convolution gathers from wide to narrow, its transpose scatters from narrow to wide. Shapes as in
 * PyTorch: x [n, c, ...], weight [o, c / groups, ...] or, transposed, [c, o / groups, ...].
 */
#include "core/element.h"
#include "core/operators/operator.h"

#include "core/error.h"

#include <errno.h>

#define FARTHEST ((int64_t)1 << 24) /* of a stride, a padding or a dilation */

/* One of three spatial dimensions, the last ones; those that are missing have extent 1. */
struct reach {
    int64_t wide, narrow, taps, stride, padding, dilation;
};

struct convolution {
    bool transposed;
    int64_t images, groups, in_channels, out_channels; /* channels of all groups */
    struct reach reach[3];
};

static int check_attributes(const struct hone_operation *operation, bool transposed,
                            struct hone_error *error) {
    const uint32_t rank = operation->op->variant % 4;
    int result = hone_attribute_check(operation, "stride", rank, 1, FARTHEST, error);
    if (result == 0)
        result = hone_attribute_check(operation, "padding", rank, 0, FARTHEST, error);
    if (result == 0)
        result = hone_attribute_check(operation, "dilation", rank, 1, FARTHEST, error);
    if (result == 0)
        result = hone_attribute_check(operation, "groups", 1, 1, FARTHEST, error);
    if (result == 0 && transposed)
        result = hone_attribute_check(operation, "output_padding", rank, 0, FARTHEST, error);
    return result;
}

static int convolution_of(const struct hone_operation *operation, struct convolution *convolution,
                          struct hone_error *error) {
    const uint32_t rank = operation->op->variant % 4;
    const struct hone_array *x = &operation->operands[0], *weight = &operation->operands[1];
    const bool transposed = operation->op->variant >= 4;
    int result = hone_operand_rank(operation, 0, rank + 2, error);
    if (result == 0)
        result = hone_operand_rank(operation, 1, rank + 2, error);
    if (result == 0)
        result = check_attributes(operation, transposed, error);
    if (result < 0)
        return result;
    const int64_t groups = hone_attribute_integer(operation, "groups");
    *convolution = (struct convolution){.transposed = transposed,
                                        .images = x->shape[0],
                                        .groups = groups,
                                        .in_channels = x->shape[1],
                                        .out_channels = weight->shape[0]};
    if (transposed && __builtin_mul_overflow(weight->shape[1], groups, &convolution->out_channels))
        return hone_operands_fail(operation, error, "expected fewer groups");
    const int64_t wanted = transposed ? weight->shape[0] : weight->shape[1] * groups;
    if (wanted != x->shape[1] || x->shape[1] % groups || convolution->out_channels % groups)
        return hone_operands_fail(operation, error,
                                  "expected channels that agree, and are multiples of %lld groups",
                                  (long long)groups);
    for (uint32_t i = 0; i < 3; i++)
        convolution->reach[i] = (struct reach){1, 1, 1, 1, 0, 1};
    for (uint32_t i = 0; i < rank; i++) {
        struct reach *reach = &convolution->reach[3 - rank + i];
        *reach = (struct reach){.taps = weight->shape[2 + i],
                                .stride = hone_attribute_entry(operation, "stride", i),
                                .padding = hone_attribute_entry(operation, "padding", i),
                                .dilation = hone_attribute_entry(operation, "dilation", i)};
        const int64_t in = x->shape[2 + i], span = reach->dilation * (reach->taps - 1) + 1;
        const int64_t extra = transposed ? hone_attribute_entry(operation, "output_padding", i) : 0;
        if (reach->taps < 1 || in < 1)
            return hone_operands_fail(operation, error, "expected extents of 1 or more");
        const int64_t room = transposed
                                 ? (in - 1) * reach->stride - 2 * reach->padding + span + extra
                                 : in + 2 * reach->padding - span;
        if (room < transposed ||
            extra >= (reach->stride > reach->dilation ? reach->stride : reach->dilation))
            return hone_operands_fail(operation, error,
                                      "the kernel does not fit on dimension %u: it spans %lld",
                                      2 + i, (long long)span);
        reach->wide = transposed ? room : in;
        reach->narrow = transposed ? in : room / reach->stride + 1;
    }
    return 0;
}

static int shape_convolution(struct hone_operation *operation, struct hone_error *error) {
    const uint32_t rank = operation->op->variant % 4;
    struct convolution convolution;
    int64_t shape[HONE_DIMS_MAX];
    int result = convolution_of(operation, &convolution, error);
    if (result < 0)
        return result;
    const struct hone_array *bias = &operation->operands[2];
    if (operation->operand_count == 3 &&
        (bias->ndim != 1 || bias->shape[0] != convolution.out_channels))
        return hone_operands_fail(operation, error, "expected a bias of [%lld]",
                                  (long long)convolution.out_channels);
    shape[0] = convolution.images;
    shape[1] = convolution.out_channels;
    for (uint32_t i = 0; i < rank; i++) {
        const struct reach *reach = &convolution.reach[3 - rank + i];
        shape[2 + i] = convolution.transposed ? reach->wide : reach->narrow;
    }
    hone_output_shape(operation, rank + 2, shape);
    return 0;
}

/* The narrow places whose partner under one tap exists: from *first up to *last. */
static void partners(const struct reach *reach, int64_t tap, int64_t *first, int64_t *last) {
    const int64_t shift = tap * reach->dilation - reach->padding;
    *first = shift >= 0 ? 0 : (-shift + reach->stride - 1) / reach->stride;
    *last = reach->wide - 1 - shift < 0 ? 0 : (reach->wide - 1 - shift) / reach->stride + 1;
    *last = *last > reach->narrow ? reach->narrow : *last;
}

/* One tap of one row. */
HONE_VECTORISED static void row(double *restrict narrow, double *restrict wide, int64_t count,
                                int64_t stride, double factor, bool transposed) {
    if (transposed)
        for (int64_t i = 0; i < count; i++)
            wide[i * stride] += factor * narrow[i];
    else if (stride == 1)
        for (int64_t i = 0; i < count; i++)
            narrow[i] += factor * wide[i];
    else
        for (int64_t i = 0; i < count; i++)
            narrow[i] += factor * wide[i * stride];
}

/* All taps of one pair of channels. */
static void pair(const struct convolution *convolution, double *narrow, double *wide,
                 const double *weight) {
    const struct reach *z = &convolution->reach[0], *y = z + 1, *x = z + 2;
    int64_t low[3], high[3];
    for (int64_t c = 0; c < z->taps; c++) {
        partners(z, c, &low[0], &high[0]);
        for (int64_t b = 0; b < y->taps; b++) {
            partners(y, b, &low[1], &high[1]);
            for (int64_t a = 0; a < x->taps; a++) {
                partners(x, a, &low[2], &high[2]);
                const double factor = weight[(c * y->taps + b) * x->taps + a];
                if (low[2] >= high[2])
                    continue;
                for (int64_t k = low[0]; k < high[0]; k++)
                    for (int64_t j = low[1]; j < high[1]; j++) {
                        const int64_t up = k * z->stride - z->padding + c * z->dilation;
                        const int64_t down = j * y->stride - y->padding + b * y->dilation;
                        const int64_t right = low[2] * x->stride - x->padding + a * x->dilation;
                        row(narrow + (k * y->narrow + j) * x->narrow + low[2],
                            wide + (up * y->wide + down) * x->wide + right, high[2] - low[2],
                            x->stride, factor, convolution->transposed);
                    }
            }
        }
    }
}

static int run_convolution(struct hone_operation *operation, struct hone_error *error) {
    struct convolution convolution;
    int result = convolution_of(operation, &convolution, error);
    if (result < 0)
        return result;
    const struct hone_array *x = &operation->operands[0], *out = &operation->output;
    const int64_t in_channels = convolution.in_channels, out_channels = convolution.out_channels;
    if (out->count == 0)
        return 0;
    const int64_t in_size = in_channels ? x->count / (convolution.images * in_channels) : 0;
    const int64_t out_size = out->count / (convolution.images * out_channels);
    const int64_t ins = in_channels / convolution.groups, outs = out_channels / convolution.groups;
    const struct reach *reach = convolution.reach;
    const int64_t taps = reach[0].taps * reach[1].taps * reach[2].taps;
    for (int64_t image = 0; image < convolution.images; image++)
        for (int64_t o = 0; o < out_channels; o++) {
            double *to = out->data + (image * out_channels + o) * out_size;
            const double bias = operation->operand_count == 3 ? operation->operands[2].data[o] : 0;
            for (int64_t i = 0; i < out_size; i++)
                to[i] = bias;
            for (int64_t c = 0; c < ins; c++) {
                const int64_t channel = o / outs * ins + c;
                double *from = x->data + (image * in_channels + channel) * in_size;
                const double *weight =
                    operation->operands[1].data +
                    (convolution.transposed ? channel * outs + o % outs : o * ins + c) * taps;
                pair(&convolution, convolution.transposed ? from : to,
                     convolution.transposed ? to : from, weight);
            }
        }
    return 0;
}

#define SHARED .operands = "x weight bias?", .shape = shape_convolution, .run = run_convolution
#define ATTRIBUTES                                                                                 \
    {"stride", HONE_ATTRIBUTE_INTEGERS, 1}, {"padding", HONE_ATTRIBUTE_INTEGERS, 0},               \
        {"dilation", HONE_ATTRIBUTE_INTEGERS, 1}, {                                                \
        "groups", HONE_ATTRIBUTE_INTEGER, 1                                                        \
    }
#define DIRECT(word, rank)                                                                         \
    {                                                                                              \
        .name = word, SHARED, .variant = rank, .attributes = { ATTRIBUTES }                        \
    }
#define TRANSPOSED(word, rank)                                                                     \
    {                                                                                              \
        .name = word, SHARED, .variant = 4 + rank, .attributes = {                                 \
            ATTRIBUTES,                                                                            \
            {"output_padding", HONE_ATTRIBUTE_INTEGERS, 0}                                         \
        }                                                                                          \
    }

const struct hone_operator hone_operators_convolution[] = {
    DIRECT("conv1d", 1),
    DIRECT("conv2d", 2),
    DIRECT("conv3d", 3),
    TRANSPOSED("conv_transpose1d", 1),
    TRANSPOSED("conv_transpose2d", 2),
    TRANSPOSED("conv_transpose3d", 3),
    {.name = NULL},
};
