// wrong: blocks count by an atomic of one block; task: algebra/gemv
//@hone workspace part f32[m * 4]
//@hone workspace count i32[m] zero
//@hone launch gemv grid=(m, 4) block=(64) args=(a, x, y, part, count, n)
#include <stdint.h>
extern "C" __global__ void gemv(const float *a, const float *x, float *y, float *part, int *count, int64_t n) {
    __shared__ float sums[2];
    __shared__ bool last;
    float s = 0;
    for (int64_t j = blockIdx.y * 64 + threadIdx.x; j < n; j += 256) s += a[blockIdx.x * n + j] * x[j];
    for (int w = 16; w; w /= 2) s += __shfl_down_sync(~0u, s, w);
    if (threadIdx.x % 32 == 0) sums[threadIdx.x / 32] = s;
    __syncthreads();
    if (threadIdx.x == 0) {
        part[blockIdx.x * 4 + blockIdx.y] = sums[0] + sums[1];
        __threadfence();
        last = atomicAdd_block(&count[blockIdx.x], 1) == 3;
    }
    __syncthreads();
    if (last && threadIdx.x == 0) {
        float t = 0;
        for (int i = 0; i < 4; i++) t += part[blockIdx.x * 4 + i];
        y[blockIdx.x] = t;
    }
}
