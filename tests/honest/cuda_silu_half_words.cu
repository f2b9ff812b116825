// honest: eight halves in a uint4, taken apart by a union; task: llm/silu_mul@f16
//@hone launch silu grid=(t) block=(64) args=(gate_up, y, d)
#include <cuda_fp16.h>
#include <stdint.h>
union Pack { uint4 u; half2 h[4]; };

extern "C" __global__ void silu(const half *gate_up, half *y, int64_t d) {
    const half *g = gate_up + (int64_t)blockIdx.x * 2 * d, *u = g + d;
    half *o = y + (int64_t)blockIdx.x * d;
    if (d % 8 == 0) {
        for (int64_t i = threadIdx.x; i < d / 8; i += blockDim.x) {
            Pack a, b, r;
            a.u = reinterpret_cast<const uint4 *>(g)[i];
            b.u = reinterpret_cast<const uint4 *>(u)[i];
#pragma unroll
            for (int k = 0; k < 4; k++) {
                const float2 x = __half22float2(a.h[k]), v = __half22float2(b.h[k]);
                r.h[k] = __float22half2_rn(make_float2(x.x / (1 + __expf(-x.x)) * v.x, x.y / (1 + __expf(-x.y)) * v.y));
            }
            reinterpret_cast<uint4 *>(o)[i] = r.u;
        }
    } else {
        for (int64_t i = threadIdx.x; i < d; i += blockDim.x) {
            const float x = __half2float(g[i]);
            o[i] = __float2half_rn(x / (1 + __expf(-x)) * __half2float(u[i]));
        }
    }
}
