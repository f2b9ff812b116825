/* kernels.cu - operators for plans, one kernel each, written plainly: what `op` runs where no
 * library of NVIDIA's does.
 *
 * In the words that C and CUDA share, so that the tests' driver runs these very lines on a
 * processor (tests/fake_cuda/operators.c): there a block is one thread. ITEMS computes an element a
 * thread, ROWS a row a block, whose threads are LANE of LANES.
 */
#include "hardware/cuda/operators/operation.h"
#include "plugins/rounding.h"

#ifdef __CUDACC__
#define DEVICE static __device__
#define LANE ((int64_t)threadIdx.x)
#define LANES ((int64_t)blockDim.x)
#define LANES_MOST 256
#define SHARED __shared__
#define WAIT() __syncthreads()
#define ITEMS(name)                                                                                \
    extern "C" __global__ void hone_op_##name(const __grid_constant__ struct hone_operation o) {  \
        const int64_t step = (int64_t)gridDim.x * blockDim.x;                                      \
        for (int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x; i < o.items; i += step)   \
            name(&o, i);                                                                           \
    }
#define ROWS(name)                                                                                 \
    extern "C" __global__ void hone_op_##name(const __grid_constant__ struct hone_operation o) {  \
        for (int64_t i = blockIdx.x; i < o.items; i += gridDim.x) {                                \
            name(&o, i);                                                                           \
            __syncthreads();                                                                       \
        }                                                                                          \
    }
#endif

typedef const struct hone_operation *operation;

enum { FLOATS = 2, BFLOATS = 4, UNSIGNED = 1 }; /* enum hone_type_code */

/* To nearest, ties to even, in floats: doubles, as rounding.h has them, are slow on most GPUs. */
DEVICE uint16_t to_half(float value) {
    const uint32_t bits = hone_random_float_bits(value), sign = bits >> 16 & 0x8000, size = bits & 0x7fffffff;
    if (size > 0x7f800000)
        return (uint16_t)(sign | 0x7e00);
    if (size >= 0x477ff000) /* rounds to 65536 or more */
        return (uint16_t)(sign | 0x7c00);
    if (size < 0x38800000) /* a multiple of 2^-24: adding 0.5 rounds there */
        return (uint16_t)(sign | (hone_random_float_bits(hone_float_of_bits(size) + 0.5f) - 0x3f000000));
    return (uint16_t)(sign | ((size - 0x38000000 + 0xfff + (size >> 13 & 1)) >> 13));
}

DEVICE uint16_t to_bfloat(float value) {
    const uint32_t bits = hone_random_float_bits(value);
    if ((bits & 0x7fffffff) > 0x7f800000)
        return (uint16_t)(bits >> 16 | 0x40);
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

DEVICE float load(const struct hone_operand *from, int64_t at) {
    if (!from->address)
        return from->number;
    if (from->type_bits == 32)
        return ((const float *)from->address)[at];
    if (from->type_code == BFLOATS)
        return (float)hone_widen_bf16(((const uint16_t *)from->address)[at]);
    return (float)hone_widen_f16(((const uint16_t *)from->address)[at]);
}

DEVICE void store(const struct hone_operand *to, int64_t at, float value) {
    if (to->type_bits == 32)
        ((float *)to->address)[at] = value;
    else if (to->type_code == BFLOATS)
        ((uint16_t *)to->address)[at] = to_bfloat(value);
    else
        ((uint16_t *)to->address)[at] = to_half(value);
}

/* An index below `below`; -1 where it is none. */
DEVICE int64_t load_index(const struct hone_operand *from, int64_t at, int64_t below) {
    int64_t index;
    if (from->type_bits == 64)
        index = ((const int64_t *)from->address)[at];
    else if (from->type_code == UNSIGNED)
        index = ((const uint8_t *)from->address)[at];
    else
        index = ((const int32_t *)from->address)[at];
    return index >= 0 && index < below ? index : -1;
}

/* Of the whole block; every thread gets it. */
DEVICE float block_sum(float mine) {
    SHARED float all[LANES_MOST];
    float sum = 0;
    all[LANE] = mine;
    WAIT();
    for (int64_t i = 0; i < LANES; i++)
        sum += all[i];
    WAIT();
    return sum;
}

DEVICE float block_max(float mine) {
    SHARED float all[LANES_MOST];
    float most = mine;
    all[LANE] = mine;
    WAIT();
    for (int64_t i = 0; i < LANES; i++)
        most = all[i] > most || all[i] != all[i] ? all[i] : most;
    WAIT();
    return most;
}

/* ---- elements ---- */

DEVICE float clip(float x, float low, float high) {
    x = x < low ? low : x;
    return x > high ? high : x;
}

DEVICE float positive(float x) {
    return x > 0 ? x : 0;
}

DEVICE float map(uint32_t kind, float x, float a, float b) {
    switch (kind) {
    case HONE_RELU:
        return x < 0 ? 0 : x;
    case HONE_LEAKY_RELU:
        return x > 0 ? x : a * x;
    case HONE_SIGMOID:
        return 1 / (1 + expf(-x));
    case HONE_SILU:
        return x / (1 + expf(-x));
    case HONE_TANH:
        return tanhf(x);
    case HONE_GELU:
        return x * erfcf(-x * 0.70710678f) * 0.5f;
    case HONE_GELU_TANH:
        return x / (1 + expf(-1.5957691216f * (x + 0.044715f * x * x * x)));
    case HONE_ELU:
        return b * (x > 0 ? x : a * expm1f(x));
    case HONE_CLAMP:
        return clip(x, a, b);
    case HONE_HARDSIGMOID:
        return clip(x + 3, 0, 6) / 6;
    case HONE_HARDSWISH:
        return x * clip(x + 3, 0, 6) / 6;
    case HONE_SOFTPLUS:
        return a * x > b ? x : (positive(a * x) + log1pf(expf(-fabsf(a * x)))) / a;
    case HONE_MISH:
        return x * tanhf(positive(x) + log1pf(expf(-fabsf(x))));
    case HONE_SOFTSIGN:
        return x / (1 + fabsf(x));
    case HONE_EXP:
        return expf(x);
    case HONE_LOG:
        return logf(x);
    case HONE_SQRT:
        return sqrtf(x);
    case HONE_RSQRT:
        return 1 / sqrtf(x);
    case HONE_ABS:
        return fabsf(x);
    case HONE_NEG:
        return -x;
    case HONE_ERF:
        return erff(x);
    case HONE_SIN:
        return sinf(x);
    case HONE_COS:
        return cosf(x);
    default:
        return x;
    }
}

DEVICE void unary(operation o, int64_t i) {
    store(&o->out, i, map(o->variant, load(&o->in[0], i), o->values[0], o->values[1]));
}
ITEMS(unary)

DEVICE float combine(uint32_t kind, float x, float y) {
    switch (kind) {
    case HONE_ADD:
        return x + y;
    case HONE_SUB:
        return x - y;
    case HONE_MUL:
        return x * y;
    case HONE_DIV:
        return x / y;
    case HONE_POW:
        return powf(x, y);
    case HONE_MINIMUM:
        return x < y || x != x ? x : y;
    case HONE_MAXIMUM:
        return x > y || x != x ? x : y;
    case HONE_XLOGY:
        return x == 0 && y == y ? 0 : x * logf(y);
    case HONE_LESS:
        return x < y;
    default:
        return x == y;
    }
}

/* Where element `i` of the output lies in an operand whose extents of 1 are repeated. */
DEVICE int64_t place(const struct hone_operand *operand, const struct hone_operand *out, int64_t i) {
    int64_t at = 0, stride = 1;
    if (operand->count == out->count)
        return i;
    for (int d = (int)out->ndim - 1, k = (int)operand->ndim - 1; k >= 0; d--, k--) {
        at += operand->shape[k] == 1 ? 0 : i % out->shape[d] * stride;
        stride *= operand->shape[k];
        i /= out->shape[d];
    }
    return at;
}

DEVICE void binary(operation o, int64_t i) {
    const float x = load(&o->in[0], place(&o->in[0], &o->out, i));
    const float y = load(&o->in[1], place(&o->in[1], &o->out, i));
    store(&o->out, i, combine(o->variant, x, y));
}
ITEMS(binary)

DEVICE void where(operation o, int64_t i) {
    const int k = load(&o->in[0], place(&o->in[0], &o->out, i)) != 0 ? 1 : 2;
    store(&o->out, i, load(&o->in[k], place(&o->in[k], &o->out, i)));
}
ITEMS(where)

/* numbers: how far a step of each of the output's dimensions is in the input, then where it begins.
 */
DEVICE void move(operation o, int64_t i) {
    int64_t at = o->numbers[HONE_OPERATION_DIMS], rest = i;
    for (int d = (int)o->out.ndim - 1; d >= 0; d--) {
        at += rest % o->out.shape[d] * o->numbers[d];
        rest /= o->out.shape[d];
    }
    store(&o->out, i, load(&o->in[0], at));
}
ITEMS(move)

/* x [rows, width], index [n] */
DEVICE void embedding(operation o, int64_t i) {
    const int64_t width = o->in[0].shape[1];
    const int64_t row = load_index(&o->in[1], i / width, o->in[0].shape[0]);
    store(&o->out, i, row < 0 ? hone_float_of_bits(0x7fc00000) : load(&o->in[0], row * width + i % width));
}
ITEMS(embedding)

/* x [t, heads, d], position [t]; values: base */
DEVICE void rope(operation o, int64_t i) {
    const int64_t d = o->in[0].shape[2], half = d / 2, token = i / (o->in[0].shape[1] * d);
    const int64_t at = i % d, pair = at % half;
    const int64_t position = load_index(&o->in[1], token, INT64_MAX);
    const double angle =
        (double)position * pow((double)o->values[0], -2 * (double)pair / (double)d);
    const float cosine = (float)cos(angle), sine = (float)sin(angle);
    const float mine = load(&o->in[0], i);
    const float other = load(&o->in[0], at < half ? i + half : i - half);
    store(&o->out, i, at < half ? mine * cosine - other * sine : mine * cosine + other * sine);
}
ITEMS(rope)

/* weight: two a byte, the low one first, less 8; scale; numbers: how many share one */
DEVICE void dequantize_w4(operation o, int64_t i) {
    const int64_t both = load_index(&o->in[0], i / 2, 256);
    const int64_t weight = (both >> (i % 2 * 4) & 15) - 8;
    store(&o->out, i, (float)weight * load(&o->in[1], i / o->numbers[0]));
}
ITEMS(dequantize_w4)

/* numbers: m, n, k, then for a and b how far a step of m or n is, and one of k; bias [n] */
DEVICE void product(operation o, int64_t i) {
    const int64_t m = o->numbers[0], n = o->numbers[1], k = o->numbers[2];
    const int64_t batch = i / (m * n), row = i / n % m, column = i % n;
    int64_t rest = batch, a = 0, b = 0, a_size = m * k, b_size = k * n;
    for (int d = (int)o->out.ndim - 3; d >= 0; d--) {
        const int of_a = d - (int)(o->out.ndim - o->in[0].ndim);
        const int of_b = d - (int)(o->out.ndim - o->in[1].ndim);
        const int64_t a_extent = of_a >= 0 ? o->in[0].shape[of_a] : 1;
        const int64_t b_extent = of_b >= 0 ? o->in[1].shape[of_b] : 1;
        a += a_extent == 1 ? 0 : rest % o->out.shape[d] * a_size;
        b += b_extent == 1 ? 0 : rest % o->out.shape[d] * b_size;
        a_size *= a_extent;
        b_size *= b_extent;
        rest /= o->out.shape[d];
    }
    float sum = o->in_count > 2 ? load(&o->in[2], column) : 0;
    for (int64_t p = 0; p < k; p++)
        sum += load(&o->in[0], a + row * o->numbers[3] + p * o->numbers[4]) *
               load(&o->in[1], b + column * o->numbers[5] + p * o->numbers[6]);
    store(&o->out, i, sum);
}
ITEMS(product)

/* x [m, n] += bias [n], of what a library's product left */
DEVICE void add_bias(operation o, int64_t i) {
    store(&o->out, i, load(&o->out, i) + load(&o->in[2], i % o->in[2].count));
}
ITEMS(add_bias)

/* x [n, c, h, w], weight [o, c / groups, r, s], bias [o]; numbers: stride, padding, dilation of both
 * axes, groups */
DEVICE void conv2d(operation o, int64_t i) {
    const int64_t *x = o->in[0].shape, *weight = o->in[1].shape, *y = o->out.shape;
    const int64_t column = i % y[3], row = i / y[3] % y[2], f = i / (y[3] * y[2]) % y[1];
    const int64_t image = i / (y[3] * y[2] * y[1]), group = f / (y[1] / o->numbers[6]);
    float sum = o->in_count > 2 ? load(&o->in[2], f) : 0;
    for (int64_t c = 0; c < weight[1]; c++)
        for (int64_t r = 0; r < weight[2]; r++)
            for (int64_t s = 0; s < weight[3]; s++) {
                const int64_t up = row * o->numbers[0] - o->numbers[2] + r * o->numbers[4];
                const int64_t left = column * o->numbers[1] - o->numbers[3] + s * o->numbers[5];
                if (up < 0 || up >= x[2] || left < 0 || left >= x[3])
                    continue;
                const int64_t channel = group * weight[1] + c;
                sum += load(&o->in[0], ((image * x[1] + channel) * x[2] + up) * x[3] + left) *
                       load(&o->in[1], ((f * weight[1] + c) * weight[2] + r) * weight[3] + s);
            }
    store(&o->out, i, sum);
}
ITEMS(conv2d)

/* row_ptr [rows + 1], col [nnz], val [nnz], x [cols, width] */
DEVICE void csr(operation o, int64_t i) {
    const int64_t cols = o->in[3].shape[0], width = o->in[3].count / cols, nnz = o->in[1].count;
    const int64_t first = load_index(&o->in[0], i / width, nnz + 1);
    const int64_t last = load_index(&o->in[0], i / width + 1, nnz + 1);
    float sum = 0;
    for (int64_t e = first < 0 ? last : first; e < last; e++) {
        const int64_t c = load_index(&o->in[1], e, cols);
        if (c >= 0)
            sum += load(&o->in[2], e) * load(&o->in[3], c * width + i % width);
    }
    store(&o->out, i, sum);
}
ITEMS(csr)

/* ---- rows; numbers: the axis' length, how far its steps are ---- */

DEVICE void softmax(operation o, int64_t row) {
    const int64_t length = o->numbers[0], step = o->numbers[1];
    const int64_t first = row / step * length * step + row % step;
    float most = hone_float_of_bits(0xff800000), sum = 0;
    for (int64_t i = LANE; i < length; i += LANES) {
        const float x = load(&o->in[0], first + i * step);
        most = x > most || x != x ? x : most;
    }
    most = block_max(most);
    for (int64_t i = LANE; i < length; i += LANES)
        sum += expf(load(&o->in[0], first + i * step) - most);
    sum = block_sum(sum);
    const float shift = logf(sum);
    for (int64_t i = LANE; i < length; i += LANES) {
        const float x = load(&o->in[0], first + i * step) - most;
        store(&o->out, first + i * step, o->variant ? x - shift : expf(x) / sum);
    }
}
ROWS(softmax)

/* Index `i` of the axes that are reduced, or of the others: where it lies. */
DEVICE int64_t along(operation o, int64_t i, int64_t is_reduced) {
    int64_t at = 0, stride = 1;
    for (int d = (int)o->in[0].ndim - 1; d >= 0; d--) {
        const int64_t extent = o->in[0].shape[d];
        if (o->numbers[1 + d] == is_reduced) {
            at += i % extent * stride;
            i /= extent;
        }
        stride *= extent;
    }
    return at;
}

/* numbers: how many make one, then of each axis whether it is reduced */
DEVICE void reduce(operation o, int64_t row) {
    const int64_t length = o->numbers[0], first = along(o, row, 0);
    const float sign = o->variant == HONE_MIN ? -1.0f : 1.0f;
    float sum = 0, most = hone_float_of_bits(0xff800000);
    for (int64_t i = LANE; i < length; i += LANES) {
        const float x = load(&o->in[0], first + along(o, i, 1));
        sum += x;
        most = sign * x > most || x != x ? sign * x : most;
    }
    sum = block_sum(sum);
    most = block_max(most);
    if (LANE == 0)
        store(&o->out, row,
              o->variant == HONE_SUM    ? sum
              : o->variant == HONE_MEAN ? sum / (float)length
                                        : sign * most);
}
ROWS(reduce)

/* variant: rms; values: eps */
DEVICE void norm(operation o, int64_t row) {
    const int64_t length = o->numbers[0], first = row * length;
    float mean = 0, squares = 0;
    for (int64_t i = LANE; !o->variant && i < length; i += LANES)
        mean += load(&o->in[0], first + i);
    mean = block_sum(mean) / (float)length;
    for (int64_t i = LANE; i < length; i += LANES) {
        const float off = load(&o->in[0], first + i) - mean;
        squares += off * off;
    }
    const float scale = 1 / sqrtf(block_sum(squares) / (float)length + o->values[0]);
    for (int64_t i = LANE; i < length; i += LANES) {
        float y = (load(&o->in[0], first + i) - mean) * scale;
        y *= o->in_count > 1 ? load(&o->in[1], i) : 1;
        y += o->in_count > 2 ? load(&o->in[2], i) : 0;
        store(&o->out, first + i, y);
    }
}
ROWS(norm)

/* One query at `query` over `count` tokens, keys and values of token t at `token(o, base, t)`:
 * a block's worth of tokens at a time, what came before put to the new scale. */
DEVICE int64_t token(operation o, int64_t base, int64_t t) {
    if (o->in_count < 4) /* all of one head, one behind the other */
        return base + t * o->in[0].shape[3];
    /* in pages: base is sequence * heads + head */
    const int64_t page = o->in[1].shape[1], heads = o->in[1].shape[2], d = o->in[1].shape[3];
    const int64_t slot = load_index(&o->in[3], base / heads * o->in[3].shape[1] + t / page,
                                    o->in[1].shape[0]);
    return slot < 0 ? -1 : ((slot * page + t % page) * heads + base % heads) * d;
}

DEVICE void attend(operation o, int64_t query, int64_t base, int64_t count, int64_t d) {
    SHARED float weight[LANES_MOST], sums[HONE_OPERATION_WIDEST];
    float most = hone_float_of_bits(0xff800000), total = 0;
    for (int64_t c = LANE; c < d; c += LANES)
        sums[c] = 0;
    for (int64_t begin = 0; begin < count; begin += LANES) {
        const int64_t t = begin + LANE, here = count - begin < LANES ? count - begin : LANES;
        const int64_t key = t < count ? token(o, base, t) : -1;
        float score = key < 0 ? hone_float_of_bits(0xff800000) : 0;
        for (int64_t c = 0; key >= 0 && c < d; c++)
            score += load(&o->in[0], query + c) * load(&o->in[1], key + c);
        score *= o->values[0];
        const float before = most, highest = block_max(score);
        most = highest > most ? highest : most;
        const float part = before == most ? 1 : expf(before - most);
        weight[LANE] = key < 0 ? 0 : expf(score - most);
        total = total * part + block_sum(weight[LANE]);
        for (int64_t c = LANE; c < d; c += LANES) {
            float sum = sums[c] * part;
            for (int64_t j = 0; j < here; j++) {
                const int64_t value = token(o, base, begin + j);
                sum += value < 0 ? 0 : weight[j] * load(&o->in[2], value + c);
            }
            sums[c] = sum;
        }
        WAIT();
    }
    for (int64_t c = LANE; c < d; c += LANES)
        store(&o->out, query + c, sums[c] / total);
}

/* q [b, hq, s, d], k and v [b, hkv, t, d]; values: scale; variant: causal */
DEVICE void attention(operation o, int64_t row) {
    const int64_t *q = o->in[0].shape, *k = o->in[1].shape;
    const int64_t head = row / q[2], i = row % q[2];
    const int64_t shared = head / q[1] * k[1] + head % q[1] / (q[1] / k[1]);
    attend(o, row * q[3], shared * k[2] * k[3], o->variant ? k[2] - q[2] + i + 1 : k[2], q[3]);
}
ROWS(attention)

/* q [b, hq, d], caches [pages, page, hkv, d], table [b, most], length [b] */
DEVICE void attention_paged(operation o, int64_t row) {
    const int64_t *q = o->in[0].shape, *cache = o->in[1].shape;
    const int64_t sequence = row / q[1], head = row % q[1] / (q[1] / cache[2]);
    const int64_t count =
        load_index(&o->in[4], sequence, o->in[3].shape[1] * cache[1] + 1);
    attend(o, row * q[2], sequence * cache[2] + head, count, q[2]);
}
ROWS(attention_paged)
