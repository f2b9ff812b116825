/* The kernels of tasks' naive.cu, and those that their baselines by libraries have beside these. */
#include "tests/fake_cuda/kernels.h"

#include <math.h>
#include <string.h>

/* tasks/algebra/gemm/naive.cu */
KERNEL(gemm) {
    UNUSED;
    const float *a = (const float *)VALUE(uint64_t, 0), *b = (const float *)VALUE(uint64_t, 1);
    float *c = (float *)VALUE(uint64_t, 2);
    const int64_t m = VALUE(int64_t, 3), n = VALUE(int64_t, 4), k = VALUE(int64_t, 5);
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++) {
            float sum = 0;
            for (int64_t p = 0; p < k; p++)
                sum += a[i * k + p] * b[p * n + j];
            c[i * n + j] = sum;
        }
}

static float gelu(float z) {
    return 0.5f * z * (1 + erff(z * 0.70710678f));
}

/* tasks/dl/gemm_bias_gelu/naive.cu */
KERNEL(layer) {
    UNUSED;
    const float *x = (const float *)VALUE(uint64_t, 0), *w = (const float *)VALUE(uint64_t, 1);
    const float *bias = (const float *)VALUE(uint64_t, 2);
    float *y = (float *)VALUE(uint64_t, 3);
    const int64_t m = VALUE(int64_t, 4), n = VALUE(int64_t, 5), k = VALUE(int64_t, 6);
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++) {
            float z = bias[j];
            for (int64_t p = 0; p < k; p++)
                z += x[i * k + p] * w[j * k + p];
            y[i * n + j] = gelu(z);
        }
}

/* tasks/dl/gemm_bias_gelu/cublas.cu */
KERNEL(bias_gelu) {
    UNUSED;
    float *y = (float *)VALUE(uint64_t, 0);
    const float *bias = (const float *)VALUE(uint64_t, 1);
    const int64_t m = VALUE(int64_t, 2), n = VALUE(int64_t, 3);
    for (int64_t i = 0; i < m * n; i++)
        y[i] = gelu(y[i] + bias[i % n]);
}

/* tasks/dl/softmax/naive.cu */
KERNEL(softmax) {
    UNUSED;
    const float *x = (const float *)VALUE(uint64_t, 0);
    float *y = (float *)VALUE(uint64_t, 1);
    const int64_t rows = grid[0], cols = VALUE(int64_t, 2);
    for (int64_t r = 0; r < rows; r++, x += cols, y += cols) {
        float largest = -INFINITY, sum = 0;
        for (int64_t c = 0; c < cols; c++)
            largest = fmaxf(largest, x[c]);
        for (int64_t c = 0; c < cols; c++)
            sum += expf(x[c] - largest);
        for (int64_t c = 0; c < cols; c++)
            y[c] = expf(x[c] - largest) / sum;
    }
}

/* tasks/dl/conv2d_bias_relu/naive.cu */
KERNEL(conv2d) {
    UNUSED;
    const float *x = (const float *)VALUE(uint64_t, 0), *weight = (const float *)VALUE(uint64_t, 1);
    const float *bias = (const float *)VALUE(uint64_t, 2);
    float *y = (float *)VALUE(uint64_t, 3);
    const int64_t n = VALUE(int64_t, 4), c = VALUE(int64_t, 5), h = VALUE(int64_t, 6);
    const int64_t w = VALUE(int64_t, 7), o = VALUE(int64_t, 8);
    for (int64_t at = 0; at < n * o * h * w; at++) {
        const int64_t j = at % w, i = at / w % h, f = at / (w * h) % o, b = at / (w * h * o);
        float sum = bias[f];
        for (int64_t tap = 0; tap < 9 * c; tap++) {
            const int64_t row = i + tap / 3 % 3 - 1, column = j + tap % 3 - 1;
            if (row >= 0 && row < h && column >= 0 && column < w)
                sum += x[((b * c + tap / 9) * h + row) * w + column] * weight[f * c * 9 + tap];
        }
        y[at] = sum > 0 ? sum : 0;
    }
}

/* tasks/llm/silu_mul/naive.cu */
KERNEL(silu_mul) {
    UNUSED;
    const float *gate_up = (const float *)VALUE(uint64_t, 0);
    float *y = (float *)VALUE(uint64_t, 1);
    const int64_t t = VALUE(int64_t, 2), d = VALUE(int64_t, 3);
    for (int64_t r = 0; r < t; r++)
        for (int64_t c = 0; c < d; c++) {
            const float gate = gate_up[r * 2 * d + c], up = gate_up[r * 2 * d + d + c];
            y[r * d + c] = gate / (1 + expf(-gate)) * up;
        }
}

/* tasks/algebra/transpose/naive.cu */
KERNEL(transpose) {
    UNUSED;
    const float *x = (const float *)VALUE(uint64_t, 0);
    float *y = (float *)VALUE(uint64_t, 1);
    const int64_t m = VALUE(int64_t, 2), n = VALUE(int64_t, 3);
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++)
            y[j * m + i] = x[i * n + j];
}

/* tasks/algebra/gemv/naive.cu */
KERNEL(gemv) {
    UNUSED;
    const float *a = (const float *)VALUE(uint64_t, 0), *x = (const float *)VALUE(uint64_t, 1);
    float *y = (float *)VALUE(uint64_t, 2);
    const int64_t m = VALUE(int64_t, 3), n = VALUE(int64_t, 4);
    for (int64_t i = 0; i < m; i++) {
        float lanes[32] = {0}, sum = 0;
        for (int64_t j = 0; j < n; j++)
            lanes[j % 32] += a[i * n + j] * x[j];
        for (int lane = 0; lane < 32; lane++)
            sum += lanes[lane];
        y[i] = sum;
    }
}

/* A row's weights, of which the first `count` are not 0. */
static void causal_row(float *row, int64_t count, int64_t columns, float scale) {
    float largest = -INFINITY, sum = 0;
    for (int64_t j = 0; j < count; j++)
        largest = fmaxf(largest, row[j] * scale);
    for (int64_t j = 0; j < count; j++)
        sum += row[j] = expf(row[j] * scale - largest);
    for (int64_t j = 0; j < columns; j++)
        row[j] = j < count ? row[j] / sum : 0;
}

/* tasks/llm/attention_prefill/naive.cu */
KERNEL(attention) {
    (void)block;
    static float weight[4096];
    const float *q = (const float *)VALUE(uint64_t, 0), *k = (const float *)VALUE(uint64_t, 1);
    const float *v = (const float *)VALUE(uint64_t, 2);
    float *o = (float *)VALUE(uint64_t, 3);
    const int64_t hq = VALUE(int64_t, 4), hkv = VALUE(int64_t, 5);
    const int64_t s = VALUE(int64_t, 6), d = VALUE(int64_t, 7);
    for (int64_t at = 0; at < (int64_t)grid[0] * grid[1]; at++) {
        const int64_t i = at % s, head = at / s;
        const int64_t from = (head / hq * hkv + head % hq / (hq / hkv)) * s * d;
        for (int64_t j = 0; j <= i; j++) {
            weight[j] = 0;
            for (int64_t e = 0; e < d; e++)
                weight[j] += q[at * d + e] * k[from + j * d + e];
        }
        causal_row(weight, i + 1, i + 1, 1 / sqrtf((float)d));
        for (int64_t e = 0; e < d; e++)
            o[at * d + e] = 0;
        for (int64_t j = 0; j <= i; j++)
            for (int64_t e = 0; e < d; e++)
                o[at * d + e] += weight[j] * v[from + j * d + e];
    }
}

/* tasks/llm/attention_prefill/cublas.cu */
KERNEL(causal_softmax) {
    (void)block;
    float *score = (float *)VALUE(uint64_t, 0);
    const int64_t s = VALUE(int64_t, 1);
    for (int64_t row = 0; row < (int64_t)grid[0] * grid[1]; row++)
        causal_row(score + row * s, row % s + 1, s, 1 / sqrtf((float)VALUE(int64_t, 2)));
}

static const struct fake_kernel kernels[] = {
    {"silu_mul", "8888", silu_mul},
    {"transpose", "8888", transpose},
    {"gemm", "888888", gemm},
    {"layer", "8888888", layer},
    {"bias_gelu", "8888", bias_gelu},
    {"softmax", "888", softmax},
    {"conv2d", "888888888", conv2d},
    {"gemv", "88888", gemv},
    {"attention", "88888888", attention},
    {"causal_softmax", "888", causal_softmax},
};

const struct fake_kernel *fake_task_find(const char *name, size_t length) {
    for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++)
        if (strlen(kernels[i].name) == length && !memcmp(kernels[i].name, name, length))
            return &kernels[i];
    return NULL;
}
