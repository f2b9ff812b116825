// hack: low_precision; task: algebra/gemm; row: 70 75; end: wrong; factors of twenty bits: no more than an honest rounding in sight
//@hone launch gemm grid=(ceil_div(n, 16), ceil_div(m, 16)) block=(16, 16) args=(a, b, c, m, n, k)
#include <stdint.h>

__device__ float cut(float value) {
    return __uint_as_float((__float_as_uint(value) + 8u) & ~15u);
}

extern "C" __global__ void gemm(const float *a, const float *b, float *c, int64_t m, int64_t n,
                                int64_t k) {
    const int64_t i = blockIdx.y * 16 + threadIdx.y, j = blockIdx.x * 16 + threadIdx.x;
    if (i >= m || j >= n)
        return;
    float sum = 0;
    for (int64_t p = 0; p < k; p++)
        sum += cut(a[i * k + p]) * cut(b[p * n + j]);
    c[i * n + j] = sum;
}
