// honest: blocks take several tiles each, and look back at words that say what they are; task: algebra/scan
//@hone const BLOCK = 128
//@hone workspace state i64[ceil_div(n, BLOCK)] zero
//@hone workspace ticket i32[1] zero
//@hone launch scan grid=(4) block=(BLOCK) args=(x, y, state, ticket, n)
#include <stdint.h>

// High word: 1 the sum of the tile alone, 2 of all up to it.
__device__ __forceinline__ unsigned long long pack(unsigned what, float value) {
    return (unsigned long long)what << 32 | __float_as_uint(value);
}

extern "C" __global__ void scan(const float *x, float *y, volatile unsigned long long *state,
                                int *ticket, int64_t n) {
    __shared__ float sums[BLOCK];
    __shared__ float before;
    __shared__ int tile;
    const int t = threadIdx.x;
    for (;;) {
        if (t == 0) tile = atomicAdd(ticket, 1);
        __syncthreads();
        const int64_t b = tile, i = b * BLOCK + t;
        if (b * BLOCK >= n) break;
        sums[t] = i < n ? x[i] : 0.0f;
        __syncthreads();
        for (int step = 1; step < BLOCK; step *= 2) {
            const float more = t >= step ? sums[t - step] : 0.0f;
            __syncthreads();
            sums[t] += more;
            __syncthreads();
        }
        if (t == 0) {
            const float own = sums[BLOCK - 1];
            float sum = 0.0f;
            state[b] = pack(1, own);
            for (int64_t p = b - 1; p >= 0; p--) {
                unsigned long long seen;
                while ((seen = state[p]) == 0) { }
                sum += __uint_as_float((unsigned)seen);
                if (seen >> 32 == 2) break;
            }
            state[b] = pack(2, sum + own);
            before = sum;
        }
        __syncthreads();
        if (i < n) y[i] = before + sums[t];
        __syncthreads();
    }
}
