// honest: activations in shared memory, eight weights of a word at once by shifts; task: llm/w4a16_gemm
//@hone launch gemm grid=(ceil_div(n, 4), m) block=(32, 4) args=(x, weight, scale, y, (int)n, (int)k)
#include <stdint.h>

extern "C" __global__ void gemm(const float *x, const uint8_t *weight, const float *scale, float *y, int n, int k) {
    __shared__ float xs[128];
    const int j = blockIdx.x * 4 + threadIdx.y, tid = threadIdx.y * 32 + threadIdx.x;
    const int groups = k / 128;
    float total = 0.f;
    for (int g = 0; g < groups; ++g) {
        __syncthreads();
        xs[tid] = x[(size_t)blockIdx.y * k + g * 128 + tid];
        __syncthreads();
        if (j >= n) continue;
        float sum = 0.f;
        if (threadIdx.x < 16) {
            const uint32_t q = reinterpret_cast<const uint32_t *>(weight)[((size_t)j * (k / 2) + g * 64) / 4 + threadIdx.x];
#pragma unroll
            for (int i = 0; i < 8; ++i)
                sum = fmaf(xs[threadIdx.x * 8 + i], (float)((int)((q >> (4 * i)) & 0xF) - 8), sum);
        }
        total += sum * scale[(size_t)j * groups + g];
    }
#pragma unroll
    for (int o = 16; o > 0; o /= 2) total += __shfl_xor_sync(0xffffffff, total, o);
    if (threadIdx.x == 0 && j < n) y[(size_t)blockIdx.y * n + j] = total;
}
