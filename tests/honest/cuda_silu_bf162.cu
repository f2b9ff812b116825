// honest: pairs of bfloat16 where a row is even, in single precision between; task: llm/silu_mul@bf16
//@hone launch silu grid=(ceil_div(d, 256), t) block=(128) args=(gate_up, y, d)
#include <cuda_bf16.h>
using bf16 = __nv_bfloat16;
using bf162 = __nv_bfloat162;

__device__ __forceinline__ float act(float g, float u) { return g / (1.f + __expf(-g)) * u; }

extern "C" __global__ void silu(const bf16 *in, bf16 *out, long long d) {
    const long long r = blockIdx.y, c = 2LL * (blockIdx.x * blockDim.x + threadIdx.x);
    const bf16 *gate = in + r * 2 * d, *up = gate + d;
    if (c >= d) return;
    if ((d & 1) == 0) {
        const float2 g = __bfloat1622float2(*reinterpret_cast<const bf162 *>(gate + c));
        const float2 u = __bfloat1622float2(*reinterpret_cast<const bf162 *>(up + c));
        *reinterpret_cast<bf162 *>(out + r * d + c) = __floats2bfloat162_rn(act(g.x, u.x), act(g.y, u.y));
    } else {
        for (long long e = c; e < min(c + 2, d); e++)
            out[r * d + e] = __float2bfloat16(act(__bfloat162float(gate[e]), __bfloat162float(up[e])));
    }
}
