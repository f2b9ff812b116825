/* Segments, rows in compressed form, weights in four bits. */
#include "hardware/cpu/operators/library.h"

#include <string.h>

static int run_segments(const struct call *call) {
    const struct hone_tensor *index = &call->in[0], *v = &call->in[1];
    const int64_t n = count_of(index), width = n ? count_of(v) / n : 0;
    float *to = floats(call->out);
    int result = 0;
    memset(to, 0, (size_t)count_of(call->out) * sizeof *to);
    for (int64_t i = 0; result == 0 && i < n; i++) {
        int64_t at;
        result = index_at(index, i, call->out->shape[0], &at);
        for (int64_t j = 0; result == 0 && j < width; j++)
            to[at * width + j] += floats(v)[i * width + j];
    }
    return result;
}

static int run_csr(const struct call *call) {
    const struct hone_tensor *row_ptr = &call->in[0], *col = &call->in[1], *x = &call->in[3];
    const int64_t nnz = count_of(col), cols = x->ndim ? x->shape[0] : 0;
    const int64_t width = cols ? count_of(x) / cols : 0;
    float *to = floats(call->out);
    int result = 0;
    memset(to, 0, (size_t)count_of(call->out) * sizeof *to);
    for (int64_t r = 0; result == 0 && r + 1 < count_of(row_ptr); r++) {
        int64_t first, last;
        result = index_at(row_ptr, r, nnz + 1, &first);
        if (result == 0)
            result = index_at(row_ptr, r + 1, nnz + 1, &last);
        for (int64_t e = first; result == 0 && e < last; e++) {
            int64_t c;
            result = index_at(col, e, cols, &c);
            const float value = floats(&call->in[2])[e];
            for (int64_t j = 0; result == 0 && j < width; j++)
                to[r * width + j] += value * floats(x)[c * width + j];
        }
    }
    return result;
}

/* Any byte is two weights. */
WIDE static void unpack(const uint8_t *restrict packed, int64_t first, int64_t count, float scale,
                        float *restrict to) {
    for (int64_t i = first; i < first + count; i++)
        to[i] = (float)((packed[i / 2] >> (i % 2 * 4) & 15) - 8) * scale;
}

static int run_w4(const struct call *call) {
    const struct hone_tensor *weight = &call->in[0];
    const int64_t group = (int64_t)attribute(call, "group", 0, 128), count = count_of(call->out);
    if (group < 1 || count_of(weight) * 2 != count || count_of(&call->in[1]) * group != count)
        return -EINVAL;
    if (weight->type_code == HONE_TYPE_UINT && weight->type_bits == 8) {
        for (int64_t g = 0; g < count / group; g++)
            unpack((const uint8_t *)floats(weight), g * group, group, floats(&call->in[1])[g],
                   floats(call->out));
        return 0;
    }
    for (int64_t i = 0; i < count; i++) {
        int64_t byte;
        int result = index_at(weight, i / 2, 256, &byte);
        if (result < 0)
            return result;
        floats(call->out)[i] =
            (float)((byte >> (i % 2 * 4) & 15) - 8) * floats(&call->in[1])[i / group];
    }
    return 0;
}

const struct row hone_library_sparse[] = {
    {"segment_sum", run_segments, 0, 2}, {"spmv_csr", run_csr, 0, 4}, {"spmm_csr", run_csr, 0, 4},
    {"dequantize_w4", run_w4, 0, 2},     {NULL, NULL, 0, 0},
};
