// honest: a turn travels in one word with what is before it, so no fence is needed; task: algebra/scan
//@hone const BLOCK = 256
//@hone workspace state i64[1] zero
//@hone launch scan grid=(ceil_div(n, BLOCK)) block=(BLOCK) args=(x, y, state, n)
#include <stdint.h>

extern "C" __global__ void scan(const float *x, float *y, volatile unsigned long long *state,
                                int64_t n) {
    __shared__ float sums[BLOCK];
    __shared__ float before;
    const int t = threadIdx.x;
    const int64_t i = (int64_t)blockIdx.x * BLOCK + t;
    sums[t] = i < n ? x[i] : 0.0f;
    __syncthreads();
    for (int step = 1; step < BLOCK; step *= 2) {
        const float more = t >= step ? sums[t - step] : 0.0f;
        __syncthreads();
        sums[t] += more;
        __syncthreads();
    }
    if (t == 0) {
        unsigned long long seen;
        do seen = *state;
        while (seen >> 32 != blockIdx.x);
        before = __uint_as_float((unsigned)seen);
        *state = (unsigned long long)(blockIdx.x + 1) << 32 | __float_as_uint(before + sums[BLOCK - 1]);
    }
    __syncthreads();
    if (i < n) y[i] = before + sums[t];
}
