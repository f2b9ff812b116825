// The reduction stops one step early: half of the lanes are lost.
//@hone launch gemv grid=(ceil_div(m, 8)) block=(32, 8) args=(a, x, y, m, n)
#include <stdint.h>

extern "C" __global__ void gemv(const float *a, const float *x, float *y, int64_t m, int64_t n) {
    int64_t i = (int64_t)blockIdx.x * blockDim.y + threadIdx.y;
    if (i >= m)
        return;
    float sum = 0;
    for (int64_t j = threadIdx.x; j < n; j += 32)
        sum += a[i * n + j] * x[j];
    for (int step = 16; step > 1; step /= 2)
        sum += __shfl_down_sync(0xffffffff, sum, step);
    if (threadIdx.x == 0)
        y[i] = sum;
}
