// One thread for every output.
//@hone launch silu_mul grid=(ceil_div(t * d, 256)) block=(256) args=(gate_up, y, t, d)
#include <cuda_bf16.h>
#include <math.h>
#include <stdint.h>

extern "C" __global__ void silu_mul(const __nv_bfloat16 *gate_up, __nv_bfloat16 *y, int64_t t, int64_t d) {
    int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= t * d)
        return;
    int64_t r = i / d, c = i % d;
    float gate = __bfloat162float(gate_up[r * 2 * d + c]);
    float up = __bfloat162float(gate_up[r * 2 * d + d + c]);
    y[i] = __float2bfloat16(gate / (1 + expf(-gate)) * up);
}
