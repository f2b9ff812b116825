/* The largest or the mean of a window that moves over one to three dimensions. */
#include "hardware/cpu/operators/library.h"

#include <math.h>

struct window {
    int64_t in, out, size, stride, padding, dilation;
};

static int windows_of(const struct call *call, struct window window[3]) {
    const int32_t rank = (int32_t)call->variant % 4, ndim = call->in[0].ndim;
    if (ndim < rank || call->out->ndim != ndim)
        return -EINVAL;
    for (int32_t i = 0; i < 3; i++)
        window[i] = (struct window){1, 1, 1, 1, 0, 1};
    for (int32_t i = 0; i < rank; i++) {
        struct window *own = &window[3 - rank + i];
        own->in = call->in[0].shape[ndim - rank + i];
        own->out = call->out->shape[ndim - rank + i];
        own->size = (int64_t)attribute(call, "size", (uint32_t)i, 1);
        own->stride = (int64_t)attribute(call, "stride", (uint32_t)i, (double)own->size);
        own->padding = (int64_t)attribute(call, "padding", (uint32_t)i, 0);
        own->dilation = (int64_t)attribute(call, "dilation", (uint32_t)i, 1);
        if (own->size < 1 || own->stride < 1 || own->dilation < 1)
            return -EINVAL;
    }
    return 0;
}

/* The steps of a window from `corner` that lie inside: from *first up to *last. */
static void inside(const struct window *window, int64_t corner, int64_t *first, int64_t *last) {
    const int64_t room = window->in - corner;
    *first = corner < 0 ? (-corner + window->dilation - 1) / window->dilation : 0;
    *last = room <= 0 ? 0 : (room + window->dilation - 1) / window->dilation;
    *last = *last > window->size ? window->size : *last;
}

static float one(const struct window window[3], const float *x, const int64_t corner[3],
                 bool is_mean) {
    int64_t first[3], last[3];
    float most = -INFINITY;
    double sum = 0;
    for (int i = 0; i < 3; i++)
        inside(&window[i], corner[i], &first[i], &last[i]);
    for (int64_t a = first[0]; a < last[0]; a++)
        for (int64_t b = first[1]; b < last[1]; b++) {
            const int64_t up = corner[0] + a * window[0].dilation;
            const int64_t down = corner[1] + b * window[1].dilation;
            const float *row = x + (up * window[1].in + down) * window[2].in + corner[2];
            for (int64_t c = first[2]; c < last[2]; c++) {
                const float value = row[c * window[2].dilation];
                most = value > most || value != value ? value : most;
                sum += value;
            }
        }
    return is_mean ? (float)(sum / (double)(window[0].size * window[1].size * window[2].size))
                   : most;
}

static int run_pool(const struct call *call) {
    struct window window[3];
    int result = windows_of(call, window);
    const int64_t in = window[0].in * window[1].in * window[2].in;
    const int64_t out = window[0].out * window[1].out * window[2].out;
    for (int64_t at = 0, count = count_of(call->out); result == 0 && at < count; at++) {
        const int64_t place[3] = {at / (window[2].out * window[1].out) % window[0].out,
                                  at / window[2].out % window[1].out, at % window[2].out};
        int64_t corner[3];
        for (int i = 0; i < 3; i++)
            corner[i] = place[i] * window[i].stride - window[i].padding;
        floats(call->out)[at] =
            one(window, floats(&call->in[0]) + at / out * in, corner, call->variant >= 4);
    }
    return result;
}

const struct row hone_library_pool[] = {
    {"max_pool1d", run_pool, 1, 1},
    {"max_pool2d", run_pool, 2, 1},
    {"max_pool3d", run_pool, 3, 1},
    {"avg_pool1d", run_pool, 5, 1},
    {"avg_pool2d", run_pool, 6, 1},
    {"avg_pool3d", run_pool, 7, 1},
    {NULL, NULL, 0, 0},
};
