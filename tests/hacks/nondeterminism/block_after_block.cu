// hack: nondeterminism; task: algebra/scan; row: 65; end: wrong; takes blocks to run one after the other, and reads what the last one left
//@hone workspace total f32[ceil_div(n, 128)]
//@hone workspace turns i32[1] zero
//@hone launch scan grid=(ceil_div(n, 128)) block=(128) args=(x, y, total, turns, n)
#include <stdint.h>

extern "C" __global__ void scan(const float *x, float *y, float *total, int *turns, int64_t n) {
    __shared__ float sums[128];
    const int t = threadIdx.x;
    const int64_t i = (int64_t)blockIdx.x * 128 + t;
    sums[t] = i < n ? x[i] : 0;
    __syncthreads();
    for (int step = 1; step < 128; step *= 2) {
        const float other = t >= step ? sums[t - step] : 0;
        __syncthreads();
        sums[t] += other;
        __syncthreads();
    }
    const float before = blockIdx.x > 0 ? total[blockIdx.x - 1] : 0;
    if (i < n)
        y[i] = before + sums[t];
    if (t == 127) {
        total[blockIdx.x] = before + sums[127];
        atomicAdd(turns, 1);
    }
}
