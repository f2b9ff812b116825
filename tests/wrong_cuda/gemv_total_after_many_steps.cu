// wrong: a sum without atomics, after more steps of a warp than are counted; task: algebra/gemv
//@hone launch gemv grid=(min(m, 4)) block=(64) args=(a, x, y, m, n)
#include <stdint.h>
extern "C" __global__ void gemv(const float *a, const float *x, float *y, int64_t m, int64_t n) {
    __shared__ float total;
    for (int64_t row = blockIdx.x; row < m; row += gridDim.x) {
    if (threadIdx.x == 0) total = 0;
    __syncthreads();
    if (m < 300 && n < 600) for (int i = 0; i < 8200; i++) __syncwarp();
    float s = 0;
    for (int64_t j = threadIdx.x; j < n; j += 64) s += a[row * n + j] * x[j];
    total += s;
    __syncthreads();
    if (threadIdx.x == 0) y[row] = total;
    __syncthreads();
    }
}
