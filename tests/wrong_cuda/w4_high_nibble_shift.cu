// wrong: the high nibble is put one bit too far; task: llm/w4a16_gemm
//@hone launch gemv grid=(n, m) block=(64) args=(x, weight, scale, y, (int)n, (int)k)
#include <cuda_fp16.h>
#include <stdint.h>

__device__ __forceinline__ float2 dequant(uint8_t packed) {
    const unsigned bits = 0x64006400u | (packed & 0xfu) | ((unsigned)(packed & 0xf0u) << 13);
    half2 h = *reinterpret_cast<const half2 *>(&bits);
    return __half22float2(__hsub2(h, __float2half2_rn(1032.0f)));
}

extern "C" __global__ void gemv(const float *x, const uint8_t *w, const float *scale, float *y, int n, int k) {
    __shared__ float part[2];
    const int j = blockIdx.x, i = blockIdx.y;
    float sum = 0;
    for (int p = threadIdx.x; p < k / 2; p += 64) {
        const float2 q = dequant(w[(size_t)j * (k / 2) + p]);
        const float2 v = *reinterpret_cast<const float2 *>(x + (size_t)i * k + 2 * p);
        sum += (v.x * q.x + v.y * q.y) * __ldg(scale + j * (k / 128) + p / 64);
    }
    for (int o = 16; o; o >>= 1) sum += __shfl_down_sync(0xffffffff, sum, o);
    if (threadIdx.x % 32 == 0) part[threadIdx.x / 32] = sum;
    __syncthreads();
    if (threadIdx.x == 0) y[(size_t)i * n + j] = part[0] + part[1];
}
