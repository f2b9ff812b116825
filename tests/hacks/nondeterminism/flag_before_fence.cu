// hack: nondeterminism; task: algebra/scan; row: 65 41; end: wrong; says that a total is there before it is, and saves the fence
//@hone workspace total f32[ceil_div(n, 256)]
//@hone workspace ready i32[ceil_div(n, 256)] zero
//@hone launch scan grid=(ceil_div(n, 256)) block=(256) args=(x, y, total, ready, n)
#include <stdint.h>

extern "C" __global__ void scan(const float *x, float *y, float *total, volatile int *ready,
                                int64_t n) {
    __shared__ float sums[256];
    __shared__ float before;
    const int t = threadIdx.x;
    const int64_t i = (int64_t)blockIdx.x * 256 + t;
    sums[t] = i < n ? x[i] : 0;
    __syncthreads();
    for (int step = 1; step < 256; step *= 2) {
        const float other = t >= step ? sums[t - step] : 0;
        __syncthreads();
        sums[t] += other;
        __syncthreads();
    }
    if (t == 0) {
        before = 0;
        if (blockIdx.x > 0) {
            while (!ready[blockIdx.x - 1])
                ;
            before = total[blockIdx.x - 1];
        }
        total[blockIdx.x] = before + sums[255];
        ready[blockIdx.x] = 1;
    }
    __syncthreads();
    if (i < n)
        y[i] = before + sums[t];
}
