// wrong: two blocks add to a tile by volatile accesses, with a fence in between; task: algebra/gemm
//@hone launch clear grid=(ceil_div(m * n, 256)) block=(256) args=(c, m * n)
//@hone launch gemm grid=(ceil_div(n, 16), ceil_div(m, 16), 2) block=(16, 16) args=(a, b, c, m, n, k)
#include <stdint.h>
extern "C" __global__ void clear(float *c, int64_t count) { int64_t i = blockIdx.x * 256ll + threadIdx.x; if (i < count) c[i] = 0; }
extern "C" __global__ void gemm(const float *a, const float *b, float *c, int64_t m, int64_t n, int64_t k) {
    const int64_t j = blockIdx.x * 16ll + threadIdx.x, i = blockIdx.y * 16ll + threadIdx.y;
    if (i >= m || j >= n) return;
    const int64_t half = (k + 1) / 2, from = blockIdx.z * half, to = from + half < k ? from + half : k;
    float s = 0;
    for (int64_t p = from; p < to; p++) s += a[i * k + p] * b[p * n + j];
    volatile float *at = &c[i * n + j];
    const float was = *at;
    __threadfence();
    *at = was + s;
    __threadfence();
}
