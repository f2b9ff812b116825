/* The largest or the mean of a window that moves over one to three dimensions. */
#include "core/operators/operator.h"

#include "core/error.h"

#include <errno.h>

#define FARTHEST ((int64_t)1 << 24)

struct window {
    int64_t in, out, size, stride, padding, dilation;
};

/* Of the last dimensions; those that are missing have extent 1. x may lead with any others. */
static int windows_of(const struct hone_operation *operation, struct window window[3],
                      struct hone_error *error) {
    const uint32_t rank = operation->op->variant % 4;
    const struct hone_array *x = &operation->operands[0];
    const bool is_mean = operation->op->variant >= 4;
    const bool own_stride = hone_attribute(operation, "stride")->count > 0;
    if (x->ndim < rank)
        return hone_operands_fail(operation, error, "expected %u dimensions or more", rank);
    int result = hone_attribute_check(operation, "size", rank, 1, FARTHEST, error);
    if (result == 0 && own_stride)
        result = hone_attribute_check(operation, "stride", rank, 1, FARTHEST, error);
    if (result == 0)
        result = hone_attribute_check(operation, "padding", rank, 0, FARTHEST, error);
    if (result == 0 && !is_mean)
        result = hone_attribute_check(operation, "dilation", rank, 1, FARTHEST, error);
    for (uint32_t i = 0; i < 3; i++)
        window[i] = (struct window){1, 1, 1, 1, 0, 1};
    for (uint32_t i = 0; result == 0 && i < rank; i++) {
        struct window *own = &window[3 - rank + i];
        own->in = x->shape[x->ndim - rank + i];
        own->size = hone_attribute_entry(operation, "size", i);
        own->stride = hone_attribute_entry(operation, own_stride ? "stride" : "size", i);
        own->padding = hone_attribute_entry(operation, "padding", i);
        own->dilation = is_mean ? 1 : hone_attribute_entry(operation, "dilation", i);
        const int64_t span = own->dilation * (own->size - 1) + 1;
        const int64_t room = own->in + 2 * own->padding - span;
        if (room < 0 || own->in < 1 || own->padding > own->size / 2)
            return hone_operands_fail(operation, error,
                                      "a window of %lld with padding %lld does not fit on the "
                                      "extent %lld",
                                      (long long)span, (long long)own->padding, (long long)own->in);
        own->out = room / own->stride + 1;
    }
    return result;
}

static int shape_pool(struct hone_operation *operation, struct hone_error *error) {
    const uint32_t rank = operation->op->variant % 4;
    struct window window[3];
    int result = windows_of(operation, window, error);
    if (result < 0)
        return result;
    hone_shape_same(operation, error);
    for (uint32_t i = 0; i < rank; i++)
        operation->output.shape[operation->output.ndim - rank + i] = window[3 - rank + i].out;
    return 0;
}

/* One window, at `corner` of its padded image. */
static double one(const struct window window[3], const double *x, const int64_t corner[3],
                  bool is_mean) {
    double most = -INFINITY;
    long double sum = 0;
    for (int64_t a = 0; a < window[0].size; a++) {
        const int64_t i = corner[0] + a * window[0].dilation;
        if (i < 0 || i >= window[0].in)
            continue;
        for (int64_t b = 0; b < window[1].size; b++) {
            const int64_t j = corner[1] + b * window[1].dilation;
            if (j < 0 || j >= window[1].in)
                continue;
            for (int64_t c = 0; c < window[2].size; c++) {
                const int64_t k = corner[2] + c * window[2].dilation;
                if (k < 0 || k >= window[2].in)
                    continue;
                const double value = x[(i * window[1].in + j) * window[2].in + k];
                most = value > most || value != value ? value : most;
                sum += value;
            }
        }
    }
    const int64_t places = window[0].size * window[1].size * window[2].size;
    return is_mean ? (double)(sum / (long double)places) : most;
}

static int run_pool(struct hone_operation *operation, struct hone_error *error) {
    struct window window[3];
    int result = windows_of(operation, window, error);
    const bool is_mean = operation->op->variant >= 4;
    const int64_t in = window[0].in * window[1].in * window[2].in;
    const int64_t out = window[0].out * window[1].out * window[2].out;
    for (int64_t at = 0; result == 0 && at < operation->output.count; at++) {
        const int64_t k = at % window[2].out, j = at / window[2].out % window[1].out;
        const int64_t i = at / (window[2].out * window[1].out) % window[0].out;
        const int64_t corner[3] = {i * window[0].stride - window[0].padding,
                                   j * window[1].stride - window[1].padding,
                                   k * window[2].stride - window[2].padding};
        operation->output.data[at] =
            one(window, operation->operands[0].data + at / out * in, corner, is_mean);
    }
    return result;
}

#define ATTRIBUTES                                                                                 \
    {"size", HONE_ATTRIBUTE_INTEGERS, HONE_ATTRIBUTE_REQUIRED},                                    \
        {"stride", HONE_ATTRIBUTE_INTEGERS, HONE_ATTRIBUTE_ABSENT}, {                              \
        "padding", HONE_ATTRIBUTE_INTEGERS, 0                                                      \
    }
#define MAX_POOL(word, rank)                                                                       \
    {                                                                                              \
        .name = word, .operands = "x", .shape = shape_pool, .run = run_pool, .variant = rank,      \
        .attributes = {                                                                            \
            ATTRIBUTES,                                                                            \
            {"dilation", HONE_ATTRIBUTE_INTEGERS, 1}                                               \
        }                                                                                          \
    }
/* Padding is zeros, which count in the mean. */
#define AVG_POOL(word, rank)                                                                       \
    {                                                                                              \
        .name = word, .operands = "x", .shape = shape_pool, .run = run_pool, .variant = 4 + rank,  \
        .attributes = {                                                                            \
            ATTRIBUTES                                                                             \
        }                                                                                          \
    }

const struct hone_operator hone_operators_pool[] = {
    MAX_POOL("max_pool1d", 1),
    MAX_POOL("max_pool2d", 2),
    MAX_POOL("max_pool3d", 3),
    AVG_POOL("avg_pool1d", 1),
    AVG_POOL("avg_pool2d", 2),
    AVG_POOL("avg_pool3d", 3),
    {.name = NULL},
};
