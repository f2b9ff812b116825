// honest: two halves at once, an odd last one alone; task: algebra/axpby@f16
//@hone launch axpby_half grid=(ceil_div(n, 512)) block=(256) args=(x, y, a, b, out, n)
#include <cuda_fp16.h>
#include <stdint.h>

extern "C" __global__ void axpby_half(const __half *x, const __half *y, float a, float b,
                                      __half *out, int64_t n) {
    const int64_t i = 2 * ((int64_t)blockIdx.x * blockDim.x + threadIdx.x);
    if (i + 1 < n) {
        const float2 xs = __half22float2(*(const half2 *)(x + i));
        const float2 ys = __half22float2(*(const half2 *)(y + i));
        *(half2 *)(out + i) = __floats2half2_rn(a * xs.x + b * ys.x, a * xs.y + b * ys.y);
    } else if (i < n) {
        out[i] = __float2half(a * __half2float(x[i]) + b * __half2float(y[i]));
    }
}
