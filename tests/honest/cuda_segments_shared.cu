// honest: atomics add in no order, so that runs differ by rounding; task: sparse/segment_sum
//@hone launch clear grid=(ceil_div(s * d, 256)) block=(256) args=(y, s * d)
//@hone launch add grid=(ceil_div(n, 64), d) block=(64) args=(index, v, y, n, d)
#include <stdint.h>

extern "C" __global__ void clear(float *y, int64_t count) {
    int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (i < count)
        y[i] = 0;
}

extern "C" __global__ void add(const int *index, const float *v, float *y, int64_t n, int64_t d) {
    int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x, j = blockIdx.y;
    if (i < n)
        atomicAdd(&y[index[i] * d + j], v[i * d + j]);
}
