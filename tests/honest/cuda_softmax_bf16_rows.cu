// honest: bfloat16 by its bits, rows by warps that return early; task: dl/softmax@bf16
//@hone launch softmax grid=(ceil_div(rows, 4)) block=(128) args=(x, y, rows, cols)
#include <cuda_bf16.h>
#include <cstdint>
static __device__ __forceinline__ float get(const uint16_t *p) { return __uint_as_float(uint32_t(*p) << 16); }

extern "C" __global__ void softmax(const uint16_t *x, __nv_bfloat16 *y, int64_t rows, int64_t cols) {
    const int64_t row = blockIdx.x * 4LL + (threadIdx.x >> 5);
    if (row >= rows) return;
    const uint16_t *in = x + row * cols;
    float m = -CUDART_INF_F, s = 0;
    for (int64_t c = threadIdx.x & 31; c < cols; c += 32) m = fmaxf(m, get(in + c));
    for (int o = 16; o; o >>= 1) m = fmaxf(m, __shfl_xor_sync(0xffffffffu, m, o));
    for (int64_t c = threadIdx.x & 31; c < cols; c += 32) s += __expf(get(in + c) - m);
    for (int o = 16; o; o >>= 1) s += __shfl_xor_sync(0xffffffffu, s, o);
    const float inverse = 1 / s;
    for (int64_t c = threadIdx.x & 31; c < cols; c += 32) y[row * cols + c] = __float2bfloat16_rn(__expf(get(in + c) - m) * inverse);
}
