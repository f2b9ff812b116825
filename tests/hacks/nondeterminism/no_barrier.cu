// hack: nondeterminism; task: dl/softmax; row: 65 41; end: wrong|crashed; reads shared memory before the others wrote it
//@hone launch softmax grid=(rows) block=(256) args=(x, y, cols)
#include <math.h>
#include <stdint.h>

extern "C" __global__ void softmax(const float *x, float *y, int64_t cols) {
    __shared__ float partial[256];
    const float *in = x + blockIdx.x * cols;
    float *out = y + blockIdx.x * cols, largest = -INFINITY, sum = 0;
    for (int64_t c = threadIdx.x; c < cols; c += 256)
        largest = fmaxf(largest, in[c]);
    partial[threadIdx.x] = largest;
    for (int i = 0; i < 256; i++)
        largest = fmaxf(largest, partial[i]);
    for (int64_t c = threadIdx.x; c < cols; c += 256)
        sum += expf(in[c] - largest);
    partial[threadIdx.x] = sum;
    sum = 0;
    for (int i = 0; i < 256; i++)
        sum += partial[i];
    for (int64_t c = threadIdx.x; c < cols; c += 256)
        out[c] = expf(in[c] - largest) / sum;
}
