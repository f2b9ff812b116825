/* The kernels of operators as they are, each block one thread; and the libraries' own. */
#include "tests/fake_cuda/fake.h"

#include <math.h>
#include <string.h>
#include <time.h>

#define DEVICE static
#define LANE 0
#define LANES 1
#define LANES_MOST 1
#define SHARED
#define WAIT() (void)0
#define ITEMS(name)                                                                                \
    static void run_##name(void *const *parameters, const uint32_t grid[3],                        \
                           const uint32_t block[3]) {                                              \
        const struct hone_operation *o = parameters[0];                                            \
        (void)grid, (void)block;                                                                   \
        for (int64_t i = 0; i < o->items; i++)                                                     \
            name(o, i);                                                                            \
    }
#define ROWS(name) ITEMS(name)

#include "hardware/cuda/operators/kernels.cu"

#define VALUE(index) (*(const uint64_t *)parameters[index])
#define NUMBER(index) ((int64_t)VALUE(index))
#define LIBRARY(name)                                                                              \
    static void name(void *const *parameters, const uint32_t grid[3], const uint32_t block[3])

/* In libraries' numbers for types, which they share up to bfloat16. */
static struct hone_operand tensor(uint64_t address, int64_t type) {
    return (struct hone_operand){.address = address,
                                 .type_code = type == 14 || type == 9 ? BFLOATS : FLOATS,
                                 .type_bits = type ? 16 : 32};
}

static void wait_if_long(void) {
    const struct timespec two_ms = {0, 2000000};
    if (fake_is("long_library"))
        nanosleep(&two_ms, NULL);
}

/* Column-major: transpose_a, transpose_b, m, n, k, a, lda, stride, b, ldb, stride, c, ldc, stride,
 * batch, type */
LIBRARY(run_library_product) {
    const struct hone_operand a = tensor(VALUE(5), NUMBER(15)), b = tensor(VALUE(8), NUMBER(15));
    const struct hone_operand c = tensor(VALUE(11), NUMBER(15));
    (void)grid, (void)block;
    for (int64_t i = 0; i < NUMBER(14) * NUMBER(2) * NUMBER(3); i++) {
        const int64_t row = i % NUMBER(2), column = i / NUMBER(2) % NUMBER(3);
        const int64_t batch = i / (NUMBER(2) * NUMBER(3));
        float sum = 0;
        for (int64_t p = 0; p < NUMBER(4); p++)
            sum += load(&a, batch * NUMBER(7) +
                                (NUMBER(0) ? row * NUMBER(6) + p : p * NUMBER(6) + row)) *
                   load(&b, batch * NUMBER(10) +
                                (NUMBER(1) ? p * NUMBER(9) + column : column * NUMBER(9) + p));
        store(&c, batch * NUMBER(13) + column * NUMBER(12) + row, sum);
    }
    wait_if_long();
}

/* What some algorithms end with. */
LIBRARY(run_library_reduction) {
    (void)parameters, (void)grid, (void)block;
}

/* Column-major: transpose_a, m, n, alpha, a, lda, beta, b, ldb, c, ldc */
LIBRARY(run_library_sum) {
    const struct hone_operand a = tensor(VALUE(4), 0), b = tensor(VALUE(7), 0);
    const struct hone_operand c = tensor(VALUE(9), 0);
    const float alpha = of_bits((uint32_t)VALUE(3)), beta = of_bits((uint32_t)VALUE(6));
    (void)grid, (void)block;
    for (int64_t j = 0; j < NUMBER(2); j++)
        for (int64_t i = 0; i < NUMBER(1); i++) {
            const float x = load(&a, NUMBER(0) ? i * NUMBER(5) + j : j * NUMBER(5) + i);
            const float y = beta == 0 ? 0 : beta * load(&b, j * NUMBER(8) + i);
            store(&c, j * NUMBER(10) + i, alpha * x + y);
        }
}

/* rows, columns, x, y, type */
LIBRARY(run_library_softmax) {
    struct hone_operation o = {.in = {tensor(VALUE(2), NUMBER(4))},
                               .out = tensor(VALUE(3), NUMBER(4)),
                               .numbers = {NUMBER(1), 1}};
    (void)grid, (void)block;
    for (int64_t row = 0; row < NUMBER(0); row++)
        softmax(&o, row);
}

/* n, c, h, w, o, c / groups, r, s, x, weight, bias, y, padding and stride of both axes, whether
 * bias is there and negatives are cut, type, dilation */
LIBRARY(run_library_convolution) {
    struct hone_operation o = {.in = {tensor(VALUE(8), NUMBER(17)), tensor(VALUE(9), NUMBER(17)),
                                      tensor(VALUE(10), NUMBER(17))},
                               .out = tensor(VALUE(11), NUMBER(17)),
                               .in_count = NUMBER(16) ? 3 : 2,
                               .numbers = {NUMBER(14), NUMBER(15), NUMBER(12), NUMBER(13),
                                           NUMBER(18), NUMBER(19), NUMBER(1) / NUMBER(5)}};
    (void)grid, (void)block;
    for (int i = 0; i < 4; i++) {
        o.in[0].shape[i] = NUMBER(i);
        o.in[1].shape[i] = NUMBER(4 + i);
    }
    o.out.shape[0] = NUMBER(0), o.out.shape[1] = NUMBER(4);
    for (int i = 0; i < 2; i++)
        o.out.shape[2 + i] =
            (NUMBER(2 + i) + 2 * NUMBER(12 + i) - NUMBER(18 + i) * (NUMBER(6 + i) - 1) - 1) /
                NUMBER(14 + i) +
            1;
    o.out.count = o.out.shape[0] * o.out.shape[1] * o.out.shape[2] * o.out.shape[3];
    for (int64_t i = 0; i < o.out.count; i++) {
        conv2d(&o, i);
        if (NUMBER(16) == 2 && load(&o.out, i) < 0)
            store(&o.out, i, 0);
    }
}

/* c [n, channels, inner] += bias [channels]: n, channels, inner, bias, c, type */
LIBRARY(run_library_bias) {
    const struct hone_operand bias = tensor(VALUE(3), NUMBER(5)), c = tensor(VALUE(4), NUMBER(5));
    (void)grid, (void)block;
    for (int64_t i = 0; i < NUMBER(0) * NUMBER(1) * NUMBER(2); i++)
        store(&c, i, load(&c, i) + load(&bias, i / NUMBER(2) % NUMBER(1)));
}

static const struct fake_kernel kernels[] = {
    {"hone_op_unary", "*", run_unary},
    {"hone_op_binary", "*", run_binary},
    {"hone_op_where", "*", run_where},
    {"hone_op_move", "*", run_move},
    {"hone_op_embedding", "*", run_embedding},
    {"hone_op_rope", "*", run_rope},
    {"hone_op_dequantize_w4", "*", run_dequantize_w4},
    {"hone_op_product", "*", run_product},
    {"hone_op_add_bias", "*", run_add_bias},
    {"hone_op_conv2d", "*", run_conv2d},
    {"hone_op_csr", "*", run_csr},
    {"hone_op_softmax", "*", run_softmax},
    {"hone_op_reduce", "*", run_reduce},
    {"hone_op_norm", "*", run_norm},
    {"hone_op_attention", "*", run_attention},
    {"hone_op_attention_paged", "*", run_attention_paged},
    {"library_product", "8888888888888888", run_library_product},
    {"library_reduction", "", run_library_reduction},
    {"library_sum", "88888888888", run_library_sum},
    {"library_softmax", "88888", run_library_softmax},
    {"library_convolution", "88888888888888888888", run_library_convolution},
    {"library_bias", "888888", run_library_bias},
};

const struct fake_kernel *fake_operator_find(const char *name, size_t length) {
    for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++)
        if (strlen(kernels[i].name) == length && !memcmp(kernels[i].name, name, length))
            return &kernels[i];
    return NULL;
}
