/* Attention over whole sequences, and rotary positions. */
#include "hardware/cpu/operators/library.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int run_rope(const struct call *call) {
    const struct hone_tensor *x = &call->in[0];
    if (x->ndim != 3 || x->shape[2] % 2)
        return -EINVAL;
    const int64_t heads = x->shape[1], d = x->shape[2], half = d / 2;
    const double base = attribute(call, "base", 0, 10000);
    const float *from = floats(x);
    float *to = floats(call->out);
    for (int64_t r = 0; r < x->shape[0]; r++) {
        int64_t position;
        int result = index_at(&call->in[1], r, INT64_MAX, &position);
        if (result < 0)
            return result;
        for (int64_t i = 0; i < half; i++) {
            const double angle = (double)position * pow(base, -2 * (double)i / (double)d);
            const float cosine = (float)cos(angle), sine = (float)sin(angle);
            for (int64_t h = 0; h < heads; h++) {
                const int64_t at = (r * heads + h) * d + i;
                to[at] = from[at] * cosine - from[at + half] * sine;
                to[at + half] = from[at + half] * cosine + from[at] * sine;
            }
        }
    }
    return 0;
}

/* One query over `count` tokens. */
WIDE static void attend(const float *restrict q, const float *restrict k, const float *restrict v,
                        int64_t count, int64_t d, float scale, float *restrict weight,
                        float *restrict out) {
    float most = -INFINITY;
    double total = 0;
    for (int64_t t = 0; t < count; t++) {
        float lanes[16] = {0};
        int64_t c = 0;
        for (; c + 16 <= d; c += 16)
            for (int lane = 0; lane < 16; lane++)
                lanes[lane] += q[c + lane] * k[t * d + c + lane];
        for (; c < d; c++)
            lanes[0] += q[c] * k[t * d + c];
        float sum = 0;
        for (int lane = 0; lane < 16; lane++)
            sum += lanes[lane];
        weight[t] = sum * scale;
        most = weight[t] > most ? weight[t] : most;
    }
    for (int64_t t = 0; t < count; t++)
        weight[t] = fast_exp(weight[t] - most);
    for (int64_t t = 0; t < count; t++)
        total += weight[t];
    for (int64_t c = 0; c < d; c++)
        out[c] = 0;
    for (int64_t t = 0; t < count; t++)
        for (int64_t c = 0; c < d; c++)
            out[c] += weight[t] * v[t * d + c];
    for (int64_t c = 0; c < d; c++)
        out[c] *= (float)(1 / total);
}

static int run_attention(const struct call *call) {
    if (call->in[0].ndim != 4 || call->in[1].ndim != 4 || call->in[2].ndim != 4)
        return -EINVAL;
    const int64_t *q = call->in[0].shape, *k = call->in[1].shape;
    const bool causal = attribute(call, "causal", 0, 0) != 0;
    if (k[1] < 1 || q[1] % k[1] || q[3] != k[3] || (causal && q[2] > k[2]))
        return -EINVAL;
    const float scale = (float)attribute(call, "scale", 0, 1 / sqrt((double)q[3]));
    float *weight = malloc((size_t)(k[2] + 1) * sizeof *weight);
    if (!weight)
        return -ENOMEM;
    for (int64_t head = 0; head < q[0] * q[1]; head++) {
        const int64_t shared = (head / q[1] * k[1] + head % q[1] / (q[1] / k[1])) * k[2] * k[3];
        for (int64_t i = 0; i < q[2]; i++) {
            const int64_t at = (head * q[2] + i) * q[3];
            attend(floats(&call->in[0]) + at, floats(&call->in[1]) + shared,
                   floats(&call->in[2]) + shared, causal ? k[2] - q[2] + i + 1 : k[2], q[3], scale,
                   weight, floats(call->out) + at);
        }
    }
    free(weight);
    return 0;
}

/* Tokens lie in pages that a table names: keys and values of one head are brought together. */
static int find_tokens(const struct call *call, int64_t sequence, int64_t head, int64_t count,
                       float *keys, float *values) {
    const int64_t *cache = call->in[1].shape, *table = call->in[3].shape;
    const int64_t page = cache[1], heads = cache[2], d = cache[3];
    for (int64_t t = 0; t < count; t++) {
        int64_t slot;
        int result = index_at(&call->in[3], sequence * table[1] + t / page, cache[0], &slot);
        if (result < 0)
            return result;
        const int64_t from = ((slot * page + t % page) * heads + head) * d;
        memcpy(keys + t * d, floats(&call->in[1]) + from, (size_t)d * sizeof *keys);
        memcpy(values + t * d, floats(&call->in[2]) + from, (size_t)d * sizeof *values);
    }
    return 0;
}

static int run_paged(const struct call *call) {
    if (call->in[0].ndim != 3 || call->in[1].ndim != 4 || call->in[2].ndim != 4 ||
        call->in[3].ndim != 2)
        return -EINVAL;
    const int64_t *q = call->in[0].shape, *cache = call->in[1].shape;
    const int64_t most = call->in[3].shape[1] * cache[1], d = q[2], heads = cache[2];
    if (heads < 1 || q[1] % heads || cache[3] != d)
        return -EINVAL;
    const float scale = (float)attribute(call, "scale", 0, 1 / sqrt((double)d));
    float *keys = malloc((size_t)(most * (2 * d + 1) + 1) * sizeof *keys);
    float *values = keys + most * d, *weight = values + most * d;
    int result = keys ? 0 : -ENOMEM;
    for (int64_t at = 0; result == 0 && at < q[0] * heads; at++) {
        const int64_t sequence = at / heads, head = at % heads, shared = q[1] / heads;
        int64_t count;
        result = index_at(&call->in[4], sequence, most + 1, &count);
        if (result == 0)
            result = find_tokens(call, sequence, head, count, keys, values);
        for (int64_t j = 0; result == 0 && j < shared; j++) {
            const int64_t place = (sequence * q[1] + head * shared + j) * d;
            attend(floats(&call->in[0]) + place, keys, values, count, d, scale, weight,
                   floats(call->out) + place);
        }
    }
    free(keys);
    return result;
}

const struct row hone_library_attention[] = {
    {"rope", run_rope, 0, 2},
    {"attention", run_attention, 0, 3},
    {"attention_paged", run_paged, 0, 5},
    {NULL, NULL, 0, 0},
};
