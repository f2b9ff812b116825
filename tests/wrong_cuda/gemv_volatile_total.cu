// wrong: a volatile sum in shared memory, behind a fence; task: algebra/gemv
//@hone launch gemv grid=(m) block=(64) args=(a, x, y, n)
#include <stdint.h>
extern "C" __global__ void gemv(const float *a, const float *x, float *y, int64_t n) {
    __shared__ volatile float total;
    if (threadIdx.x == 0) total = 0;
    __syncthreads();
    float s = 0;
    for (int64_t j = threadIdx.x; j < n; j += 64) s += a[blockIdx.x * n + j] * x[j];
    __threadfence_block();
    total += s;
    __syncthreads();
    if (threadIdx.x == 0) y[blockIdx.x] = total;
}
