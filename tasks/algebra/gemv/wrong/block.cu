// The sums of four warps meet in shared memory without a barrier.
//@hone launch gemv grid=(m) block=(128) args=(a, x, y, n)
#include <stdint.h>

extern "C" __global__ void gemv(const float *a, const float *x, float *y, int64_t n) {
    __shared__ float sums[128];
    float sum = 0;
    for (int64_t j = threadIdx.x; j < n; j += 128)
        sum += a[blockIdx.x * n + j] * x[j];
    sums[threadIdx.x] = sum;
    if (threadIdx.x)
        return;
    sum = 0;
    for (int t = 0; t < 128; t++)
        sum += sums[t];
    y[blockIdx.x] = sum;
}
