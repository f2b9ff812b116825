// honest: takes sixteen-bit floats apart by shifts; task: algebra/axpby@bf16
//@hone launch axpby_bf16 grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
#include <cuda_bf16.h>
#include <stdint.h>

template <typename T> __device__ __forceinline__ float to_float(T v);
template <> __device__ __forceinline__ float to_float<__nv_bfloat16>(__nv_bfloat16 v) {
    return __uint_as_float((unsigned)__bfloat16_as_ushort(v) << 16);
}

extern "C" __global__ void axpby_bf16(const __nv_bfloat16 *x, const __nv_bfloat16 *y, float a,
                                      float b, __nv_bfloat16 *out, int64_t n) {
    for (int64_t i = blockIdx.x * (int64_t)blockDim.x + threadIdx.x; i < n;
         i += (int64_t)gridDim.x * blockDim.x)
        out[i] = __float2bfloat16(a * to_float(x[i]) + b * to_float(y[i]));
}
