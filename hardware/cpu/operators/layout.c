/* What moves elements: permutations, slices, joins. */
#include "hardware/cpu/operators/library.h"

#include <string.h>

/* Fill the output in order from places that are linear in its position. */
static int gather(const struct hone_tensor *out, const float *from, const int64_t strides[DIMS]) {
    int64_t at[DIMS] = {0}, offset = 0;
    float *to = floats(out);
    const int32_t last = out->ndim - 1;
    const int64_t length = out->ndim ? out->shape[last] : 1, step = out->ndim ? strides[last] : 1;
    for (int64_t count = count_of(out); count > 0; count -= length) {
        for (int64_t k = 0; k < length; k++)
            *to++ = from[offset + k * step];
        for (int32_t i = last; i-- > 0;) {
            offset += strides[i];
            if (++at[i] < out->shape[i])
                break;
            offset -= at[i] * strides[i];
            at[i] = 0;
        }
    }
    return 0;
}

static void strides_of(const struct hone_tensor *x, int64_t strides[DIMS]) {
    int64_t stride = 1;
    for (int32_t i = x->ndim; i-- > 0; stride *= x->shape[i])
        strides[i] = stride;
}

static int run_transpose(const struct call *call) {
    const struct hone_tensor *x = &call->in[0];
    const uint32_t given = attribute_length(call, "axes");
    int64_t strides[DIMS], moved[DIMS];
    if (x->ndim > DIMS || x->ndim != call->out->ndim)
        return -EINVAL;
    strides_of(x, strides);
    for (int32_t i = 0; i < x->ndim; i++) {
        const double axis = given ? attribute(call, "axes", (uint32_t)i, 0) : x->ndim - 1 - i;
        const int32_t from = (int32_t)axis + (axis < 0 ? x->ndim : 0);
        if (from < 0 || from >= x->ndim)
            return -EINVAL;
        moved[i] = strides[from];
    }
    return gather(call->out, floats(x), moved);
}

static int run_reshape(const struct call *call) {
    if (count_of(&call->in[0]) != count_of(call->out))
        return -EINVAL;
    memcpy(floats(call->out), floats(&call->in[0]), (size_t)count_of(call->out) * sizeof(float));
    return 0;
}

static int run_broadcast(const struct call *call) {
    const struct hone_tensor *x = &call->in[0];
    int64_t strides[DIMS], repeated[DIMS] = {0};
    if (call->out->ndim > DIMS || x->ndim > call->out->ndim)
        return -EINVAL;
    strides_of(x, strides);
    for (int32_t i = 0; i < x->ndim; i++)
        repeated[call->out->ndim - x->ndim + i] = x->shape[i] == 1 ? 0 : strides[i];
    return gather(call->out, floats(x), repeated);
}

static int run_slice(const struct call *call) {
    int64_t outer, length, inner;
    int result = axis_of(call, -1, &outer, &length, &inner);
    if (result < 0)
        return result;
    const int64_t step = (int64_t)attribute(call, "step", 0, 1);
    int64_t start = (int64_t)attribute(call, "start", 0, 0);
    const int64_t kept = count_of(call->out) / (outer * inner);
    start += start < 0 ? length : 0;
    start = start < 0 ? 0 : start;
    if (step < 1 || start + (kept - 1) * step >= length)
        return -EINVAL;
    float *to = floats(call->out);
    /* What lies together goes at once. */
    const int64_t times = step == 1 ? 1 : kept, size = step == 1 ? kept * inner : inner;
    for (int64_t o = 0; o < outer; o++)
        for (int64_t k = 0; k < times; k++, to += size)
            memcpy(to, floats(&call->in[0]) + (o * length + start + k * step) * inner,
                   (size_t)size * sizeof *to);
    return 0;
}

static int run_flip(const struct call *call) {
    int64_t outer, length, inner;
    int result = axis_of(call, -1, &outer, &length, &inner);
    float *to = floats(call->out);
    for (int64_t o = 0; result == 0 && o < outer; o++)
        for (int64_t k = length; k-- > 0; to += inner)
            memcpy(to, floats(&call->in[0]) + (o * length + k) * inner, (size_t)inner * sizeof *to);
    return result;
}

static int run_concat(const struct call *call) {
    int64_t outer, length, inner, first = 0;
    int result = axis_of(call, -1, &outer, &length, &inner);
    if (result < 0)
        return result;
    const int64_t row = count_of(call->out) / outer;
    for (uint32_t k = 0; k < call->in_count; k++) {
        const int64_t size = count_of(&call->in[k]) / outer;
        if (first + size > row)
            return -EINVAL;
        for (int64_t o = 0; o < outer; o++)
            memcpy(floats(call->out) + o * row + first, floats(&call->in[k]) + o * size,
                   (size_t)size * sizeof(float));
        first += size;
    }
    return 0;
}

static int run_embedding(const struct call *call) {
    const struct hone_tensor *table = &call->in[0], *index = &call->in[1];
    const int64_t rows = table->ndim ? table->shape[0] : 0;
    const int64_t width = rows ? count_of(table) / rows : 0;
    int result = 0;
    for (int64_t i = 0, count = count_of(index); result == 0 && i < count; i++) {
        int64_t row;
        result = index_at(index, i, rows, &row);
        if (result == 0)
            memcpy(floats(call->out) + i * width, floats(table) + row * width,
                   (size_t)width * sizeof(float));
    }
    return result;
}

static int run_gather(const struct call *call) {
    int64_t outer, length, inner;
    int result = axis_of(call, -1, &outer, &length, &inner);
    const int64_t count = count_of(call->out), kept = count / (outer * inner);
    for (int64_t i = 0; result == 0 && i < count; i++) {
        int64_t at;
        result = index_at(&call->in[1], i, length, &at);
        if (result == 0)
            floats(call->out)[i] =
                floats(&call->in[0])[(i / (kept * inner) * length + at) * inner + i % inner];
    }
    return result;
}

static int run_pad(const struct call *call) {
    int64_t outer, length, inner;
    int result = axis_of(call, -1, &outer, &length, &inner);
    if (result < 0)
        return result;
    const int64_t before = (int64_t)attribute(call, "before", 0, 0);
    const int64_t count = count_of(call->out), row = count / outer;
    float *to = floats(call->out), value = (float)attribute(call, "value", 0, 0);
    if (before < 0 || (before + length) * inner > row)
        return -EINVAL;
    for (int64_t i = 0; i < count; i++)
        to[i] = value;
    for (int64_t o = 0; o < outer; o++)
        memcpy(to + o * row + before * inner, floats(&call->in[0]) + o * length * inner,
               (size_t)(length * inner) * sizeof *to);
    return 0;
}

static int run_triangle(const struct call *call) {
    const struct hone_tensor *x = &call->in[0];
    if (x->ndim < 2)
        return -EINVAL;
    const int64_t rows = x->shape[x->ndim - 2], cols = x->shape[x->ndim - 1];
    const int64_t diagonal = (int64_t)attribute(call, "diagonal", 0, 0);
    for (int64_t i = 0, count = count_of(x); i < count; i++) {
        const int64_t beyond = i % cols - i / cols % rows;
        const bool kept = call->variant ? beyond >= diagonal : beyond <= diagonal;
        floats(call->out)[i] = kept ? floats(x)[i] : 0;
    }
    return 0;
}

const struct row hone_library_layout[] = {
    {"transpose", run_transpose, 0, 1},
    {"reshape", run_reshape, 0, 1},
    {"broadcast", run_broadcast, 0, 1},
    {"slice", run_slice, 0, 1},
    {"flip", run_flip, 0, 1},
    {"concat", run_concat, 0, 1},
    {"embedding", run_embedding, 0, 2},
    {"gather", run_gather, 0, 2},
    {"pad", run_pad, 0, 1},
    {"tril", run_triangle, 0, 1},
    {"triu", run_triangle, 1, 1},
    {NULL, NULL, 0, 0},
};
