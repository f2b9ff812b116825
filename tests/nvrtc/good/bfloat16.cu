#include <cuda_bf16.h>
extern "C" __global__ void k(const __nv_bfloat16 *x, float *y, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n)
        y[i] = __bfloat162float(__hmul(x[i], x[i]));
}
