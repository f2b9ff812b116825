// honest: parts, wholes and flags in arrays of their own, the flags volatile; task: algebra/scan
//@hone const BLOCK = 128
//@hone workspace part f32[ceil_div(n, BLOCK)]
//@hone workspace whole f32[ceil_div(n, BLOCK)]
//@hone workspace flag i32[ceil_div(n, BLOCK)] zero
//@hone workspace ticket i32[1] zero
//@hone launch scan grid=(ceil_div(n, BLOCK)) block=(BLOCK) args=(x, y, part, whole, flag, ticket, n)
#include <stdint.h>

extern "C" __global__ void scan(const float *x, float *y, float *part, float *whole,
                                volatile int *flag, int *ticket, int64_t n) {
    __shared__ float tile[BLOCK];
    __shared__ float before;
    __shared__ int mine;
    const int t = threadIdx.x;
    if (t == 0) mine = atomicAdd(ticket, 1);
    __syncthreads();
    const int b = mine;
    const int64_t i = (int64_t)b * BLOCK + t;
    tile[t] = i < n ? x[i] : 0.0f;
    __syncthreads();
    for (int step = 1; step < BLOCK; step *= 2) {
        const float more = t >= step ? tile[t - step] : 0.0f;
        __syncthreads();
        tile[t] += more;
        __syncthreads();
    }
    if (t == 0) {
        const float total = tile[BLOCK - 1];
        part[b] = total;
        __threadfence();
        flag[b] = 1;
        float sum = 0.0f;
        for (int p = b - 1; p >= 0; p--) {
            while (flag[p] == 0) { }
            __threadfence();
            if (flag[p] == 2) {
                __threadfence();
                sum += whole[p];
                break;
            }
            sum += part[p];
        }
        whole[b] = sum + total;
        __threadfence();
        flag[b] = 2;
        before = sum;
    }
    __syncthreads();
    if (i < n) y[i] = before + tile[t];
}
