// wrong: the first warp reads sums that others have not written; task: algebra/gemv
//@hone const BLOCK = 256
//@hone const PART = 1024
//@hone launch gemv_block grid=(m) block=(BLOCK) shared=PART * 4 args=(a, x, y, (int)n)
#include <cuda_runtime.h>

template <int THREADS> __device__ float block_sum(float v, float *scratch) {
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
#pragma unroll
    for (int o = 16; o; o >>= 1) v += __shfl_xor_sync(~0u, v, o);
    if (lane == 0) scratch[warp] = v;
    v = threadIdx.x < THREADS / 32 ? scratch[lane] : 0.0f;
    if (warp == 0)
#pragma unroll
        for (int o = THREADS / 64; o; o >>= 1) v += __shfl_xor_sync(~0u, v, o);
    return v;
}

extern "C" __global__ void gemv_block(const float *a, const float *x, float *y, int n) {
    extern __shared__ float cached[];
    __shared__ float scratch[BLOCK / 32];
    const float *row = a + (size_t)blockIdx.x * n;
    float sum = 0;
    for (int base = 0; base < n; base += PART) {
        const int here = min(PART, n - base);
        for (int i = threadIdx.x; i < here; i += BLOCK) cached[i] = x[base + i];
        __syncthreads();
        for (int i = threadIdx.x; i < here; i += BLOCK) sum += row[base + i] * cached[i];
        __syncthreads();
    }
    sum = block_sum<BLOCK>(sum, scratch);
    if (threadIdx.x == 0) y[blockIdx.x] = sum;
}
