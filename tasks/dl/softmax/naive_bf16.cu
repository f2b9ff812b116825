// One block for every row.
//@hone launch softmax grid=(rows) block=(256) args=(x, y, cols)
#include <cuda_bf16.h>
#include <math.h>
#include <stdint.h>

extern "C" __global__ void softmax(const __nv_bfloat16 *x, __nv_bfloat16 *y, int64_t cols) {
    __shared__ float partial[256];
    const __nv_bfloat16 *in = x + blockIdx.x * cols;
    __nv_bfloat16 *out = y + blockIdx.x * cols;

    float largest = -INFINITY;
    for (int64_t c = threadIdx.x; c < cols; c += 256)
        largest = fmaxf(largest, __bfloat162float(in[c]));
    partial[threadIdx.x] = largest;
    __syncthreads();
    for (int half = 128; half > 0; half /= 2) {
        if (threadIdx.x < half)
            partial[threadIdx.x] = fmaxf(partial[threadIdx.x], partial[threadIdx.x + half]);
        __syncthreads();
    }
    largest = partial[0];
    __syncthreads();

    float sum = 0;
    for (int64_t c = threadIdx.x; c < cols; c += 256)
        sum += expf(__bfloat162float(in[c]) - largest);
    partial[threadIdx.x] = sum;
    __syncthreads();
    for (int half = 128; half > 0; half /= 2) {
        if (threadIdx.x < half)
            partial[threadIdx.x] += partial[threadIdx.x + half];
        __syncthreads();
    }
    for (int64_t c = threadIdx.x; c < cols; c += 256)
        out[c] = __float2bfloat16(expf(__bfloat162float(in[c]) - largest) / partial[0]);
}
