// wrong: a sum without atomics, after more barriers than are counted; task: algebra/gemv
//@hone launch gemv grid=(1) block=(32) args=(a, x, y, m, n)
#include <stdint.h>
extern "C" __global__ void gemv(const float *a, const float *x, float *y, int64_t m, int64_t n) {
    __shared__ float total;
    if (m * n < 110000) for (int i = 0; i < 262200; i++) __syncthreads();
    for (int64_t row = blockIdx.x; row < m; row += gridDim.x) {
    if (threadIdx.x == 0) total = 0;
    __syncthreads();
    float s = 0;
    for (int64_t j = threadIdx.x; j < n; j += 32) s += a[row * n + j] * x[j];
    total += s;
    __syncthreads();
    if (threadIdx.x == 0) y[row] = total;
    }
}
