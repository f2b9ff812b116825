// One thread for every element.
//@hone launch axpby grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
#include <cuda_fp16.h>
#include <stdint.h>

extern "C" __global__ void axpby(const __half *x, const __half *y, float a, float b,
                                 __half *out, int64_t n) {
    int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n)
        out[i] = __float2half(a * __half2float(x[i]) + b * __half2float(y[i]));
}
