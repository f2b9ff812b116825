/* Transforms and simulations: the Fourier transform, a stencil, gravity. */
#include "core/operators/operator.h"

#include "core/error.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- fft: x [.., n, 2] of real and imaginary parts, forward, unscaled; n a power of two ---- */

static int shape_fft(struct hone_operation *operation, struct hone_error *error) {
    const struct hone_array *x = &operation->operands[0];
    const int64_t n = x->ndim >= 2 ? x->shape[x->ndim - 2] : 0;
    if (n < 1 || n & (n - 1) || x->shape[x->ndim - 1] != 2)
        return hone_operands_fail(operation, error, "expected [.., n, 2] with n a power of two");
    return hone_shape_same(operation, error);
}

/* Stockham's form (Cochran et al. 1967): no reversal of bits, each pass into the other array. The
 * turns e^(-2 pi i j / n) are given as pairs. */
static void transform(double *x, double *other, const double *turns, int64_t n) {
    double *from = x, *to = other;
    for (int64_t length = n, stride = 1; length > 1; length /= 2, stride *= 2) {
        const int64_t half = length / 2;
        for (int64_t p = 0; p < half; p++) {
            const double re = turns[2 * p * stride], im = turns[2 * p * stride + 1];
            for (int64_t q = 0; q < stride; q++) {
                const double *a = from + 2 * (q + stride * p);
                const double *b = from + 2 * (q + stride * (p + half));
                double *even = to + 2 * (q + stride * 2 * p), *odd = even + 2 * stride;
                const double real = a[0] - b[0], imaginary = a[1] - b[1];
                even[0] = a[0] + b[0];
                even[1] = a[1] + b[1];
                odd[0] = real * re - imaginary * im;
                odd[1] = real * im + imaginary * re;
            }
        }
        double *swap = from;
        from = to;
        to = swap;
    }
    if (from != x)
        memcpy(x, from, (size_t)(2 * n) * sizeof *x);
}

static int run_fft(struct hone_operation *operation, struct hone_error *error) {
    (void)error;
    const struct hone_array *x = &operation->operands[0];
    const int64_t n = x->shape[x->ndim - 2];
    double *turns = malloc((size_t)(4 * n) * sizeof *turns), *other = turns + 2 * n;
    if (!turns)
        return -ENOMEM;
    for (int64_t j = 0; j < n; j++) {
        turns[2 * j] = cos(6.283185307179586476925 * (double)j / (double)n);
        turns[2 * j + 1] = -sin(6.283185307179586476925 * (double)j / (double)n);
    }
    memcpy(operation->output.data, x->data, (size_t)x->count * sizeof *x->data);
    for (int64_t first = 0; first < x->count; first += 2 * n)
        transform(operation->output.data + first, other, turns, n);
    free(turns);
    return 0;
}

/* ---- jacobi2d: `steps` times the mean of five points; the border stays ---- */

static int shape_jacobi(struct hone_operation *operation, struct hone_error *error) {
    const int64_t steps = hone_attribute_integer(operation, "steps");
    int result = hone_operand_rank(operation, 0, 2, error);
    if (result == 0 && (steps < 0 || steps > 1 << 20))
        return hone_fail(error, -EINVAL, "steps is %lld, expected 0..2^20", (long long)steps);
    return result < 0 ? result : hone_shape_same(operation, error);
}

static int run_jacobi(struct hone_operation *operation, struct hone_error *error) {
    (void)error;
    const struct hone_array *u = &operation->operands[0];
    const int64_t h = u->shape[0], w = u->shape[1];
    const int64_t steps = hone_attribute_integer(operation, "steps");
    const size_t bytes = (size_t)u->count * sizeof(double);
    double *spare = malloc(bytes + 1), *out = operation->output.data;
    if (!spare)
        return -ENOMEM;
    memcpy(spare, u->data, bytes);
    memcpy(out, u->data, bytes);
    for (int64_t s = 0; s < steps; s++) {
        const double *from = s % 2 ? spare : out;
        double *to = s % 2 ? out : spare;
        for (int64_t i = 1; i < h - 1; i++)
            for (int64_t at = i * w + 1; at < (i + 1) * w - 1; at++)
                to[at] = (from[at] + from[at - w] + from[at + w] + from[at - 1] + from[at + 1]) / 5;
    }
    if (steps % 2)
        memcpy(out, spare, bytes);
    free(spare);
    return 0;
}

/* ---- nbody: softened gravity with G = 1 on bodies [n, 4] of place and mass ---- */

static int shape_nbody(struct hone_operation *operation, struct hone_error *error) {
    const struct hone_array *bodies = &operation->operands[0];
    if (bodies->ndim != 2 || bodies->shape[1] != 4)
        return hone_operands_fail(operation, error, "expected [n, 4]");
    hone_output_shape(operation, 2, (const int64_t[]){bodies->shape[0], 3});
    return 0;
}

static int run_nbody(struct hone_operation *operation, struct hone_error *error) {
    (void)error;
    const int64_t n = operation->operands[0].shape[0];
    const double *bodies = operation->operands[0].data;
    const double eps = hone_attribute_real(operation, "eps");
    for (int64_t i = 0; i < n; i++) {
        const double *here = bodies + 4 * i;
        double sum[3] = {0, 0, 0};
        for (int64_t j = 0; j < n; j++) {
            const double *there = bodies + 4 * j;
            const double x = there[0] - here[0], y = there[1] - here[1], z = there[2] - here[2];
            const double square = x * x + y * y + z * z + eps * eps;
            const double pull = square > 0 ? there[3] / (square * sqrt(square)) : 0;
            sum[0] += pull * x;
            sum[1] += pull * y;
            sum[2] += pull * z;
        }
        memcpy(operation->output.data + 3 * i, sum, sizeof sum);
    }
    return 0;
}

const struct hone_operator hone_operators_science[] = {
    {.name = "fft", .operands = "x", .shape = shape_fft, .run = run_fft},
    {.name = "jacobi2d",
     .operands = "u",
     .shape = shape_jacobi,
     .run = run_jacobi,
     .attributes = {{"steps", HONE_ATTRIBUTE_INTEGER, HONE_ATTRIBUTE_REQUIRED}}},
    {.name = "nbody",
     .operands = "position_mass",
     .shape = shape_nbody,
     .run = run_nbody,
     .attributes = {{"eps", HONE_ATTRIBUTE_REAL, 0}}},
    {.name = NULL},
};
