// wrong: all threads add to a local variable of one, by its address; task: algebra/gemv
//@hone launch gemv grid=(m) block=(64) args=(a, x, y, n)
#include <stdint.h>
extern "C" __global__ void gemv(const float *a, const float *x, float *y, int64_t n) {
    __shared__ float *where;
    float local[2] = {0, 0};
    if (threadIdx.x == 0) where = local;
    __syncthreads();
    float s = 0;
    for (int64_t j = threadIdx.x; j < n; j += 64) s += a[blockIdx.x * n + j] * x[j];
    where[0] += s;
    __syncthreads();
    if (threadIdx.x == 0) y[blockIdx.x] = local[0];
}
