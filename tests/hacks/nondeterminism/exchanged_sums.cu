// hack: nondeterminism; task: algebra/gemv; row: 65; end: wrong; reads, adds and exchanges, which is three steps and no atomic sum
//@hone launch clear grid=(ceil_div(m, 256)) block=(256) args=(y, m)
//@hone launch gemv grid=(m, 8) block=(32) args=(a, x, y, n)
#include <stdint.h>

extern "C" __global__ void clear(float *y, int64_t count) {
    const int64_t i = (int64_t)blockIdx.x * 256 + threadIdx.x;
    if (i < count)
        y[i] = 0;
}

extern "C" __global__ void gemv(const float *a, const float *x, float *y, int64_t n) {
    const int64_t row = blockIdx.x;
    const int lane = threadIdx.x;
    float sum = 0;
    for (int64_t j = blockIdx.y * 32 + lane; j < n; j += 256)
        sum += a[row * n + j] * x[j];
    for (int step = 16; step > 0; step /= 2)
        sum += __shfl_down_sync(0xffffffff, sum, step);
    if (lane == 0)
        atomicExch(&y[row], y[row] + sum);
}
