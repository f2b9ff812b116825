// One thread for every element.
//@hone launch axpby grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
#include <cuda_bf16.h>
#include <stdint.h>

extern "C" __global__ void axpby(const __nv_bfloat16 *x, const __nv_bfloat16 *y, float a, float b,
                                 __nv_bfloat16 *out, int64_t n) {
    int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n)
        out[i] = __float2bfloat16(a * __bfloat162float(x[i]) + b * __bfloat162float(y[i]));
}
