// wrong: the look back stops at the first block that has anything; task: algebra/scan
//@hone const BLOCK = 256
//@hone workspace state i64[ceil_div(n, BLOCK)] zero
//@hone workspace ticket i32[1] zero
//@hone launch scan_lookback grid=(ceil_div(n, BLOCK)) block=(BLOCK) args=(x, y, state, ticket, n)
#include <stdint.h>

// Low word: the value. High word: 0 nothing yet, 1 of this block alone, 2 of all up to it.
enum { EMPTY = 0, AGGREGATE = 1, PREFIX = 2 };

__device__ __forceinline__ unsigned long long pack(int flag, float value) {
    return ((unsigned long long)flag << 32) | __float_as_uint(value);
}

extern "C" __global__ void scan_lookback(const float *x, float *y, unsigned long long *state,
                                         unsigned int *ticket, int64_t n) {
    __shared__ float warp_sums[BLOCK / 32];
    __shared__ unsigned int my_block;
    __shared__ float before;
    if (threadIdx.x == 0) my_block = atomicAdd(ticket, 1);
    __syncthreads();
    const int64_t bid = my_block, i = bid * BLOCK + threadIdx.x;
    const int lane = threadIdx.x & 31, wid = threadIdx.x >> 5;
    float v = i < n ? x[i] : 0.0f;
#pragma unroll
    for (int d = 1; d < 32; d <<= 1) {
        float t = __shfl_up_sync(0xffffffffu, v, d);
        if (lane >= d) v += t;
    }
    if (lane == 31) warp_sums[wid] = v;
    __syncthreads();
    if (wid == 0) {
        float s = lane < BLOCK / 32 ? warp_sums[lane] : 0.0f;
#pragma unroll
        for (int d = 1; d < BLOCK / 32; d <<= 1) {
            float t = __shfl_up_sync(0xffffffffu, s, d);
            if (lane >= d) s += t;
        }
        if (lane < BLOCK / 32) warp_sums[lane] = s;
    }
    __syncthreads();
    if (wid) v += warp_sums[wid - 1];
    if (threadIdx.x == 0) {
        const float total = warp_sums[BLOCK / 32 - 1];
        float sum = 0.0f;
        if (bid == 0) {
            __threadfence();
            atomicExch(&state[0], pack(PREFIX, total));
        } else {
            atomicExch(&state[bid], pack(AGGREGATE, total));
            for (int64_t p = bid - 1; p >= 0;) {
                unsigned long long s = atomicAdd(&state[p], 0ull);
                int flag = (int)(s >> 32);
                if (flag == EMPTY) { __nanosleep(20); continue; }
                sum += __uint_as_float((unsigned int)s);
                break;
                --p;
            }
            __threadfence();
            atomicExch(&state[bid], pack(PREFIX, sum + total));
        }
        before = sum;
    }
    __syncthreads();
    if (i < n) y[i] = before + v;
}
