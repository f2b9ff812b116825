/* The kernels of operators as they are, each block one thread; and the libraries' own. */
#include "tests/fake_cuda/fake.h"

#include <math.h>
#include <stdlib.h>
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

/* One column of c, in f32: all of a is read along its columns. */
static void multiply_column(const float *a, int64_t a_step, bool transpose_a, const float *b,
                            int64_t b_step, int64_t m, int64_t k, float *c) {
    for (int64_t row = 0; row < m; row++)
        c[row] = 0;
    for (int64_t p = 0; !transpose_a && p < k; p++)
        for (int64_t row = 0; row < m; row++)
            c[row] += a[p * a_step + row] * b[p * b_step];
    for (int64_t row = 0; transpose_a && row < m; row++)
        for (int64_t p = 0; p < k; p++)
            c[row] += a[row * a_step + p] * b[p * b_step];
}

/* Column-major: transpose_a, transpose_b, m, n, k, a, lda, stride, b, ldb, stride, c, ldc, stride,
 * batch, type */
LIBRARY(run_library_product) {
    const int64_t m = NUMBER(2), n = NUMBER(3), k = NUMBER(4), ldb = NUMBER(9);
    struct hone_operand in[] = {tensor(VALUE(5), NUMBER(15)), tensor(VALUE(8), NUMBER(15))};
    const struct hone_operand out = tensor(VALUE(11), NUMBER(15));
    float *a = malloc((size_t)(m * k) * sizeof *a + 1),
          *b = malloc((size_t)(n * k) * sizeof *b + 1);
    float *c = malloc((size_t)m * sizeof *c + 1);
    (void)grid, (void)block;
    for (int64_t batch = 0; batch < NUMBER(14); batch++) {
        for (int64_t i = 0; i < m * k; i++) { /* compact, as the library has no reason to be */
            const int64_t inner = NUMBER(0) ? k : m;
            a[i] = load(&in[0], batch * NUMBER(7) + i / inner * NUMBER(6) + i % inner);
        }
        for (int64_t i = 0; i < n * k; i++) {
            const int64_t inner = NUMBER(1) ? n : k;
            b[i] = load(&in[1], batch * NUMBER(10) + i / inner * ldb + i % inner);
        }
        for (int64_t column = 0; column < n; column++) {
            multiply_column(a, NUMBER(0) ? k : m, NUMBER(0) != 0, b + column * (NUMBER(1) ? 1 : k),
                            NUMBER(1) ? n : 1, m, k, c);
            for (int64_t row = 0; row < m; row++)
                store(&out, batch * NUMBER(13) + column * NUMBER(12) + row, c[row]);
        }
    }
    free(a);
    free(b);
    free(c);
    wait_if_long();
}

/* What some algorithms end with. */
LIBRARY(run_library_reduction) {
    (void)parameters, (void)grid, (void)block;
}

/* Column-major: transpose_a, m, n, alpha, a, lda, beta, b, ldb, c, ldc */
LIBRARY(run_library_sum) {
    const float *a = (const float *)VALUE(4), *b = (const float *)VALUE(7);
    float *c = (float *)VALUE(9);
    const int64_t m = NUMBER(1), lda = NUMBER(5);
    const float alpha = hone_float_of_bits((uint32_t)VALUE(3)),
                beta = hone_float_of_bits((uint32_t)VALUE(6));
    (void)grid, (void)block;
    for (int64_t j = 0; j < NUMBER(2); j++)
        for (int64_t i = 0; i < m; i++) {
            const float x = NUMBER(0) ? a[i * lda + j] : a[j * lda + i];
            const float y = beta == 0 ? 0 : beta * b[j * NUMBER(8) + i];
            c[j * NUMBER(10) + i] = alpha * x + y;
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
