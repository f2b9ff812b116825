// honest: a kernel with the name of the template that it calls; task: llm/silu_mul@bf16
//@hone launch silu grid=(ceil_div(d, 512), t) block=(256) args=(gate_up, y, (int)d)
#include <cuda_bf16.h>
template <typename T> __device__ T silu(T v) {
    static constexpr float one = 1.0f;
    if constexpr (sizeof(T) == 4)
        return v / (one + __expf(-v));
    else
        return v;
}
extern "C" __global__ void silu(const __nv_bfloat16 *gate_up, __nv_bfloat16 *y, int d) {
    const __nv_bfloat16 *g = gate_up + (size_t)blockIdx.y * 2 * d, *u = g + d;
    __nv_bfloat16 *out = y + (size_t)blockIdx.y * d;
    int c = (blockIdx.x * 256 + threadIdx.x) * 2;
    if ((d & 1) == 0) {
        if (c < d) {
            float2 a = __bfloat1622float2(*reinterpret_cast<const __nv_bfloat162 *>(g + c)),
                   b = __bfloat1622float2(*reinterpret_cast<const __nv_bfloat162 *>(u + c));
            *reinterpret_cast<__nv_bfloat162 *>(out + c) =
                __floats2bfloat162_rn(silu(a.x) * b.x, silu(a.y) * b.y);
        }
    } else
        for (int e = c; e < min(c + 2, d); e++)
            out[e] = __float2bfloat16(silu(__bfloat162float(g[e])) * __bfloat162float(u[e]));
}
