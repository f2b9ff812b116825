/* The Fourier transform, a stencil, gravity. */
#include "hardware/cpu/operators/library.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Stockham's form (Cochran et al. 1967), from one array into the other. */
WIDE static void transform(float *x, float *other, const float *turns, int64_t n) {
    float *from = x, *to = other;
    for (int64_t length = n, stride = 1; length > 1; length /= 2, stride *= 2) {
        const int64_t half = length / 2;
        for (int64_t p = 0; p < half; p++) {
            const float re = turns[2 * p * stride], im = turns[2 * p * stride + 1];
            const float *restrict a = from + 2 * stride * p;
            const float *restrict b = from + 2 * stride * (p + half);
            float *restrict even = to + 4 * stride * p, *restrict odd = even + 2 * stride;
            for (int64_t q = 0; q < stride; q++) {
                const float real = a[2 * q] - b[2 * q];
                const float imaginary = a[2 * q + 1] - b[2 * q + 1];
                even[2 * q] = a[2 * q] + b[2 * q];
                even[2 * q + 1] = a[2 * q + 1] + b[2 * q + 1];
                odd[2 * q] = real * re - imaginary * im;
                odd[2 * q + 1] = real * im + imaginary * re;
            }
        }
        float *swap = from;
        from = to;
        to = swap;
    }
    if (from != x)
        memcpy(x, from, (size_t)(2 * n) * sizeof *x);
}

static int run_fft(const struct call *call) {
    const struct hone_tensor *x = &call->in[0];
    const int64_t n = x->ndim >= 2 ? x->shape[x->ndim - 2] : 0;
    if (n < 1 || n & (n - 1) || x->shape[x->ndim - 1] != 2)
        return -EINVAL;
    float *turns = malloc((size_t)(4 * n) * sizeof *turns), *to = floats(call->out);
    if (!turns)
        return -ENOMEM;
    for (int64_t j = 0; j < n; j++) {
        turns[2 * j] = (float)cos(6.283185307179586 * (double)j / (double)n);
        turns[2 * j + 1] = (float)-sin(6.283185307179586 * (double)j / (double)n);
    }
    memcpy(to, floats(x), (size_t)count_of(x) * sizeof *to);
    for (int64_t first = 0, count = count_of(x); first < count; first += 2 * n)
        transform(to + first, turns + 2 * n, turns, n);
    free(turns);
    return 0;
}

WIDE static void sweep(const float *restrict from, float *restrict to, int64_t h, int64_t w) {
    for (int64_t i = 1; i < h - 1; i++)
        for (int64_t at = i * w + 1; at < (i + 1) * w - 1; at++)
            to[at] = (from[at] + from[at - w] + from[at + w] + from[at - 1] + from[at + 1]) * 0.2f;
}

static int run_jacobi(const struct call *call) {
    const struct hone_tensor *u = &call->in[0];
    const int64_t steps = (int64_t)attribute(call, "steps", 0, 0);
    const size_t bytes = (size_t)count_of(u) * sizeof(float);
    if (u->ndim != 2)
        return -EINVAL;
    float *spare = malloc(bytes + 1), *out = floats(call->out);
    if (!spare)
        return -ENOMEM;
    memcpy(spare, floats(u), bytes);
    memcpy(out, floats(u), bytes);
    for (int64_t s = 0; s < steps; s++)
        sweep(s % 2 ? spare : out, s % 2 ? out : spare, u->shape[0], u->shape[1]);
    if (steps % 2)
        memcpy(out, spare, bytes);
    free(spare);
    return 0;
}

WIDE static int run_nbody(const struct call *call) {
    const int64_t n = call->in[0].ndim ? call->in[0].shape[0] : 0;
    const float *restrict bodies = floats(&call->in[0]);
    const float eps = (float)attribute(call, "eps", 0, 0);
    if (count_of(&call->in[0]) != 4 * n || count_of(call->out) != 3 * n)
        return -EINVAL;
    for (int64_t i = 0; i < n; i++) {
        double sum[3] = {0};
        for (int64_t j = 0; j < n; j++) {
            const float x = bodies[4 * j] - bodies[4 * i];
            const float y = bodies[4 * j + 1] - bodies[4 * i + 1];
            const float z = bodies[4 * j + 2] - bodies[4 * i + 2];
            const float square = x * x + y * y + z * z + eps * eps;
            const float pull = square > 0 ? bodies[4 * j + 3] / (square * sqrtf(square)) : 0;
            sum[0] += (double)(pull * x);
            sum[1] += (double)(pull * y);
            sum[2] += (double)(pull * z);
        }
        for (int axis = 0; axis < 3; axis++)
            floats(call->out)[3 * i + axis] = (float)sum[axis];
    }
    return 0;
}

const struct row hone_library_science[] = {
    {"fft", run_fft, 0, 1},
    {"jacobi2d", run_jacobi, 0, 1},
    {"nbody", run_nbody, 0, 1},
    {NULL, NULL, 0, 0},
};
