// wrong: a warp of twenty lanes adds what twelve others bring; task: algebra/gemv
//@hone launch gemv grid=(m) block=(20) args=(a, x, y, n)
#include <stdint.h>
extern "C" __global__ void gemv(const float *a, const float *x, float *y, int64_t n) {
    float s = 0;
    for (int64_t j = threadIdx.x; j < n; j += 20) s += a[blockIdx.x * n + j] * x[j];
    for (int w = 16; w; w /= 2) s += __shfl_down_sync(~0u, s, w);
    if (threadIdx.x == 0) y[blockIdx.x] = s;
}
