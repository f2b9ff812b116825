// Only the first 256 sums of parts are made running ones.
//@hone const PART = 256
//@hone workspace before f32[ceil_div(n, PART)]
//@hone launch add_parts grid=(ceil_div(n, PART)) block=(PART) args=(x, before, n)
//@hone launch scan_sums grid=(1) block=(PART) args=(before, ceil_div(n, PART))
//@hone launch scan_parts grid=(ceil_div(n, PART)) block=(PART) args=(x, before, y, n)
#include <stdint.h>

#ifndef PART
#define PART 256 // the plan's constant, where no plan is read
#endif

// Running sums within a block: after step s, each covers 2^s elements.
__device__ static float scan_block(float value) {
    __shared__ float sums[PART];
    sums[threadIdx.x] = value;
    __syncthreads();
    for (int reach = 1; reach < PART; reach *= 2) {
        float left = threadIdx.x >= reach ? sums[threadIdx.x - reach] : 0;
        __syncthreads();
        sums[threadIdx.x] += left;
        __syncthreads();
    }
    return sums[threadIdx.x];
}

extern "C" __global__ void add_parts(const float *x, float *before, int64_t n) {
    int64_t i = (int64_t)blockIdx.x * PART + threadIdx.x;
    float sum = scan_block(i < n ? x[i] : 0);
    if (threadIdx.x == PART - 1)
        before[blockIdx.x] = sum;
}

// Each sum becomes that of all parts before its own.
extern "C" __global__ void scan_sums(float *before, int64_t count) {
    __shared__ float last;
    float carry = 0;
    for (int64_t start = 0; start < count && start < PART; start += PART) {
        int64_t i = start + threadIdx.x;
        float own = i < count ? before[i] : 0;
        float sum = scan_block(own);
        if (i < count)
            before[i] = carry + (sum - own);
        if (threadIdx.x == PART - 1)
            last = sum;
        __syncthreads();
        carry += last;
        __syncthreads();
    }
}

extern "C" __global__ void scan_parts(const float *x, const float *before, float *y, int64_t n) {
    int64_t i = (int64_t)blockIdx.x * PART + threadIdx.x;
    float sum = scan_block(i < n ? x[i] : 0);
    if (i < n)
        y[i] = before[blockIdx.x] + sum;
}
