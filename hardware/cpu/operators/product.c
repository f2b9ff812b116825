/* Products of matrices, and convolutions as products (Chellapilla et al. 2006). */
#include "hardware/cpu/operators/library.h"

#include <stdlib.h>
#include <string.h>

#define ROWS 6 /* of a tile, whose sums stay in registers */
#define LANES 8
#define COLS (2 * LANES)
#define DEPTH 256 /* terms of a block: ROWS and COLS of them stay in the first-level cache */

typedef float vector __attribute__((vector_size(4 * LANES)));
typedef float loose __attribute__((vector_size(4 * LANES), aligned(4)));

/* A tile: a is ROWS terms after another, b COLS. */
static inline __attribute__((always_inline)) void tile(const float *a, const float *b,
                                                       int64_t depth, float sum[ROWS][COLS]) {
    vector left[ROWS] = {{0}}, right[ROWS] = {{0}};
    for (int64_t p = 0; p < depth; p++, a += ROWS, b += COLS) {
        const vector first = *(const loose *)b, second = *(const loose *)(b + LANES);
        for (int r = 0; r < ROWS; r++) {
            left[r] += a[r] * first;
            right[r] += a[r] * second;
        }
    }
    for (int r = 0; r < ROWS; r++) {
        *(loose *)sum[r] = left[r];
        *(loose *)(sum[r] + LANES) = right[r];
    }
}

/* c += a b over `depth` terms from `p` on; b is packed in strips of COLS columns. */
WIDE static void block(int64_t m, int64_t n, int64_t k, int64_t p, int64_t depth, const float *a,
                       const float *packed, float *c) {
    float strip[ROWS * DEPTH], sum[ROWS][COLS];
    for (int64_t i = 0; i < m; i += ROWS) {
        const int64_t rows = m - i < ROWS ? m - i : ROWS;
        for (int64_t q = 0; q < depth; q++)
            for (int64_t r = 0; r < ROWS; r++)
                strip[q * ROWS + r] = r < rows ? a[(i + r) * k + p + q] : 0;
        for (int64_t j = 0; j < n; j += COLS) {
            const int64_t cols = n - j < COLS ? n - j : COLS;
            tile(strip, packed + j * depth, depth, sum);
            for (int64_t r = 0; r < rows; r++)
                for (int64_t x = 0; x < cols; x++)
                    c[(i + r) * n + j + x] += sum[r][x];
        }
    }
}

static void own_product(int64_t m, int64_t n, int64_t k, const float *a, const float *b, float *c) {
    const int64_t wide = (n + COLS - 1) / COLS * COLS;
    float *packed = malloc((size_t)(wide * DEPTH) * sizeof *packed);
    memset(c, 0, (size_t)(m * n) * sizeof *c);
    if (!packed) { /* slowly, then */
        for (int64_t i = 0; i < m; i++)
            for (int64_t p = 0; p < k; p++)
                for (int64_t j = 0; j < n; j++)
                    c[i * n + j] += a[i * k + p] * b[p * n + j];
        return;
    }
    for (int64_t p = 0; p < k; p += DEPTH) {
        const int64_t depth = k - p < DEPTH ? k - p : DEPTH;
        for (int64_t j = 0; j < n; j += COLS)
            for (int64_t q = 0; q < depth; q++)
                for (int64_t x = 0; x < COLS; x++)
                    packed[j * depth + q * COLS + x] = j + x < n ? b[(p + q) * n + j + x] : 0;
        block(m, n, k, p, depth, a, packed, c);
    }
    free(packed);
}

/* Set once, before the first call. */
static void (*product)(int64_t m, int64_t n, int64_t k, const float *a, const float *b,
                       float *c) = own_product;

__attribute__((visibility("default"))) void hone_operator_use_product(
    void (*other)(int64_t m, int64_t n, int64_t k, const float *a, const float *b, float *c)) {
    product = other ? other : own_product;
}

/* ---- matmul and linear ---- */

static void turn(const float *from, int64_t rows, int64_t cols, float *to) {
    for (int64_t first = 0; first < cols; first += 16)
        for (int64_t r = 0; r < rows; r++)
            for (int64_t c = first; c < cols && c < first + 16; c++)
                to[c * rows + r] = from[r * cols + c];
}

/* Where a batch's matrix lies; leading dimensions of 1, or missing ones, repeat. */
static const float *matrix(const struct hone_tensor *tensor, const struct hone_tensor *out,
                           int64_t batch, int64_t size) {
    int64_t at = 0, stride = size;
    for (int32_t i = out->ndim - 2; i-- > 0;) {
        const int32_t own = i - (out->ndim - tensor->ndim);
        const int64_t extent = own >= 0 ? tensor->shape[own] : 1;
        at += extent == 1 ? 0 : batch % out->shape[i] * stride;
        batch /= out->shape[i];
        stride *= extent;
    }
    return floats(tensor) + at;
}

/* c = a b, of matrices that may lie turned; `scratch` has room for all three. Where a turned b is
 * the largest it is left as it is: c = a b' is the turn of b a'. */
static void multiply(int64_t m, int64_t n, int64_t k, const float *a, bool turn_a, const float *b,
                     bool turn_b, float *scratch, float *c) {
    float *other = scratch + m * k;
    if (turn_b && m < n && m < k) {
        if (!turn_a)
            turn(a, m, k, scratch);
        product(n, m, k, b, turn_a ? a : scratch, other);
        turn(other, n, m, c);
        return;
    }
    if (turn_a)
        turn(a, k, m, scratch);
    if (turn_b)
        turn(b, n, k, other);
    product(m, n, k, turn_a ? scratch : a, turn_b ? other : b, c);
}

static int run_matmul(const struct call *call) {
    const struct hone_tensor *a = &call->in[0], *b = &call->in[1], *out = call->out;
    const bool is_linear = call->variant != 0;
    const bool turn_a = !is_linear && attribute(call, "transpose_a", 0, 0) != 0;
    const bool turn_b = is_linear || attribute(call, "transpose_b", 0, 0) != 0;
    if (a->ndim < 2 || b->ndim < 2 || out->ndim < 2)
        return -EINVAL;
    const int64_t m = out->shape[out->ndim - 2], n = out->shape[out->ndim - 1];
    const int64_t k = a->shape[a->ndim - (turn_a ? 2 : 1)];
    if (b->shape[b->ndim - (turn_b ? 1 : 2)] != k)
        return -EINVAL;
    float *scratch = malloc((size_t)(m * k + n * k + m * n + 1) * sizeof *scratch);
    if (!scratch)
        return -ENOMEM;
    for (int64_t batch = 0, count = count_of(out) / (m * n); batch < count; batch++) {
        float *c = floats(out) + batch * m * n;
        multiply(m, n, k, matrix(a, out, batch, m * k), turn_a, matrix(b, out, batch, k * n),
                 turn_b, scratch, c);
        for (int64_t i = 0; call->in_count == 3 && i < m; i++)
            for (int64_t j = 0; j < n; j++)
                c[i * n + j] += floats(&call->in[2])[j];
    }
    free(scratch);
    return 0;
}

/* ---- convolutions: each tap of each channel is a row, each place of the output a column ---- */

struct reach {
    int64_t in, out, taps, stride, padding, dilation;
};

/* One row of columns: the elements that one tap of one channel meets. */
static void tap_row(const struct reach reach[3], const float *x, const int64_t tap[3], float *to) {
    for (int64_t z = 0; z < reach[0].out; z++)
        for (int64_t y = 0; y < reach[1].out; y++) {
            const int64_t up = z * reach[0].stride - reach[0].padding + tap[0] * reach[0].dilation;
            const int64_t down =
                y * reach[1].stride - reach[1].padding + tap[1] * reach[1].dilation;
            const bool within = up >= 0 && up < reach[0].in && down >= 0 && down < reach[1].in;
            const float *from = x + (up * reach[1].in + down) * reach[2].in;
            for (int64_t i = 0; i < reach[2].out; i++) {
                const int64_t at =
                    i * reach[2].stride - reach[2].padding + tap[2] * reach[2].dilation;
                *to++ = within && at >= 0 && at < reach[2].in ? from[at] : 0;
            }
        }
}

static int reach_of(const struct call *call, struct reach reach[3]) {
    const int32_t rank = (int32_t)call->variant;
    if (call->in[0].ndim != rank + 2 || call->in[1].ndim != rank + 2 || call->out->ndim != rank + 2)
        return -EINVAL;
    for (int32_t i = 0; i < 3; i++)
        reach[i] = (struct reach){1, 1, 1, 1, 0, 1};
    for (int32_t i = 0; i < rank; i++)
        reach[3 - rank + i] =
            (struct reach){.in = call->in[0].shape[2 + i],
                           .out = call->out->shape[2 + i],
                           .taps = call->in[1].shape[2 + i],
                           .stride = (int64_t)attribute(call, "stride", (uint32_t)i, 1),
                           .padding = (int64_t)attribute(call, "padding", (uint32_t)i, 0),
                           .dilation = (int64_t)attribute(call, "dilation", (uint32_t)i, 1)};
    return 0;
}

static int run_convolution(const struct call *call) {
    struct reach reach[3];
    int result = reach_of(call, reach);
    if (result < 0)
        return result;
    const struct hone_tensor *x = &call->in[0], *weight = &call->in[1];
    const int64_t groups = (int64_t)attribute(call, "groups", 0, 1);
    if (groups < 1 || x->shape[1] != weight->shape[1] * groups || weight->shape[0] % groups)
        return -EINVAL;
    const int64_t ins = weight->shape[1], outs = weight->shape[0] / groups;
    const int64_t size = reach[0].in * reach[1].in * reach[2].in;
    const int64_t places = reach[0].out * reach[1].out * reach[2].out;
    const int64_t taps = reach[0].taps * reach[1].taps * reach[2].taps;
    float *columns = malloc((size_t)(ins * taps * places + 1) * sizeof *columns);
    if (!columns)
        return -ENOMEM;
    for (int64_t image = 0; image < x->shape[0] * groups; image++) {
        const int64_t group = image % groups;
        for (int64_t row = 0; row < ins * taps; row++) {
            const int64_t at = row % taps;
            const int64_t tap[3] = {at / (reach[1].taps * reach[2].taps),
                                    at / reach[2].taps % reach[1].taps, at % reach[2].taps};
            tap_row(reach, floats(x) + (image * ins + row / taps) * size, tap,
                    columns + row * places);
        }
        float *to = floats(call->out) + image * outs * places;
        product(outs, places, ins * taps, floats(weight) + group * outs * ins * taps, columns, to);
        for (int64_t o = 0; call->in_count == 3 && o < outs; o++)
            for (int64_t i = 0; i < places; i++)
                to[o * places + i] += floats(&call->in[2])[group * outs + o];
    }
    free(columns);
    return 0;
}

/* ---- transposed: a product gives each tap's rows, which are added to where they belong ---- */

static void add_row(const struct reach reach[3], const float *from, const int64_t tap[3],
                    float *y) {
    for (int64_t i = 0; i < reach[0].in; i++)
        for (int64_t j = 0; j < reach[1].in; j++, from += reach[2].in) {
            const int64_t up = i * reach[0].stride - reach[0].padding + tap[0] * reach[0].dilation;
            const int64_t down =
                j * reach[1].stride - reach[1].padding + tap[1] * reach[1].dilation;
            if (up < 0 || up >= reach[0].out || down < 0 || down >= reach[1].out)
                continue;
            float *to = y + (up * reach[1].out + down) * reach[2].out;
            for (int64_t k = 0; k < reach[2].in; k++) {
                const int64_t at =
                    k * reach[2].stride - reach[2].padding + tap[2] * reach[2].dilation;
                if (at >= 0 && at < reach[2].out)
                    to[at] += from[k];
            }
        }
}

static int run_transposed(const struct call *call) {
    struct reach reach[3];
    int result = reach_of(call, reach);
    if (result < 0)
        return result;
    const struct hone_tensor *x = &call->in[0], *weight = &call->in[1];
    const int64_t groups = (int64_t)attribute(call, "groups", 0, 1), outs = weight->shape[1];
    if (groups < 1 || x->shape[1] != weight->shape[0] || x->shape[1] % groups)
        return -EINVAL;
    const int64_t ins = x->shape[1] / groups, size = reach[0].in * reach[1].in * reach[2].in;
    const int64_t places = reach[0].out * reach[1].out * reach[2].out;
    const int64_t taps = reach[0].taps * reach[1].taps * reach[2].taps, rows = outs * taps;
    float *turned = malloc((size_t)(rows * (ins + size) + 1) * sizeof *turned);
    float *sums = turned + rows * ins;
    if (!turned)
        return -ENOMEM;
    for (int64_t image = 0; image < x->shape[0] * groups; image++) {
        const int64_t group = image % groups;
        float *to = floats(call->out) + image * outs * places;
        turn(floats(weight) + group * ins * rows, ins, rows, turned);
        product(rows, size, ins, turned, floats(x) + image * ins * size, sums);
        for (int64_t i = 0; i < outs * places; i++)
            to[i] = call->in_count == 3 ? floats(&call->in[2])[group * outs + i / places] : 0;
        for (int64_t row = 0; row < rows; row++) {
            const int64_t at = row % taps;
            const int64_t tap[3] = {at / (reach[1].taps * reach[2].taps),
                                    at / reach[2].taps % reach[1].taps, at % reach[2].taps};
            add_row(reach, sums + row * size, tap, to + row / taps * places);
        }
    }
    free(turned);
    return 0;
}

const struct row hone_library_product[] = {
    {"matmul", run_matmul, 0, 2},
    {"linear", run_matmul, 1, 2},
    {"conv1d", run_convolution, 1, 2},
    {"conv2d", run_convolution, 2, 2},
    {"conv3d", run_convolution, 3, 2},
    {"conv_transpose1d", run_transposed, 1, 2},
    {"conv_transpose2d", run_transposed, 2, 2},
    {"conv_transpose3d", run_transposed, 3, 2},
    {NULL, NULL, 0, 0},
};
