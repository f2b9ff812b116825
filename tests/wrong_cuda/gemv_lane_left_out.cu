// wrong: the result hangs on a lane that the mask leaves out; task: algebra/gemv
//@hone launch gemv grid=(m) block=(32) args=(a, x, y, n)
#include <stdint.h>
extern "C" __global__ void gemv(const float *a, const float *x, float *y, int64_t n) {
    float s = 0;
    for (int64_t j = threadIdx.x; j < n; j += 32) s += a[blockIdx.x * n + j] * x[j];
    s += __shfl_xor_sync(~0u, s, 16);
    if (threadIdx.x < 16) {
        for (int w = 8; w; w /= 2) s += __shfl_down_sync(0xffff, s, w);
    }
    float other = 0;
    if (threadIdx.x < 16) other = __shfl_down_sync(0xffff, s, 16);
    if (threadIdx.x == 0) y[blockIdx.x] = s + other * 0;
}
