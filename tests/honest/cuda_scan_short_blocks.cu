// honest: short blocks one after the other, so that a rounding is in all that follow; task: algebra/scan
//@hone workspace total f32[ceil_div(n, 8)]
//@hone workspace ready i32[ceil_div(n, 8)] zero
//@hone launch scan grid=(ceil_div(n, 8)) block=(8) args=(x, y, total, ready, n)
#include <stdint.h>

extern "C" __global__ void scan(const float *x, float *y, float *total, int *ready, int64_t n) {
    const int lane = threadIdx.x;
    const int64_t i = (int64_t)blockIdx.x * 8 + lane;
    float sum = i < n ? x[i] : 0;
    for (int step = 1; step < 8; step *= 2) {
        const float other = __shfl_up_sync(0xff, sum, step, 8);
        sum += lane >= step ? other : 0;
    }
    float before = 0;
    if (blockIdx.x > 0) {
        if (lane == 0) {
            while (atomicAdd(&ready[blockIdx.x - 1], 0) == 0)
                ;
            __threadfence();
            before = total[blockIdx.x - 1];
        }
        before = __shfl_sync(0xff, before, 0, 8);
    }
    if (lane == 7) {
        total[blockIdx.x] = before + sum;
        __threadfence();
        atomicExch(&ready[blockIdx.x], 1);
    }
    if (i < n)
        y[i] = before + sum;
}
