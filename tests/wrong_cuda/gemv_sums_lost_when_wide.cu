// wrong: two blocks of a row add without atomics, in matrices too large to be looked at closely; task: algebra/gemv
//@hone launch clear grid=(ceil_div(m, 256)) block=(256) args=(y, m)
//@hone launch gemv grid=(m, m * n > 120000 ? 2 : 1) block=(32) args=(a, x, y, n)
#include <stdint.h>
extern "C" __global__ void clear(float *y, int64_t m) { int64_t i = blockIdx.x * 256ll + threadIdx.x; if (i < m) y[i] = 0; }
extern "C" __global__ void gemv(const float *a, const float *x, float *y, int64_t n) {
    float s = 0;
    for (int64_t j = blockIdx.y * 32 + threadIdx.x; j < n; j += 32 * gridDim.y) s += a[blockIdx.x * n + j] * x[j];
    for (int w = 16; w; w /= 2) s += __shfl_down_sync(~0u, s, w);
    if (threadIdx.x == 0) y[blockIdx.x] += s;
}
