#include <cuda_fp16.h>
extern "C" __global__ void k(const __half *x, __half *y, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (2 * i + 1 < n) {
        __half2 v = reinterpret_cast<const __half2 *>(x)[i];
        reinterpret_cast<__half2 *>(y)[i] = __hfma2(v, v, __float2half2_rn(1.0f));
    }
}
