// wrong: the last thread reads a sum made by atomicCAS, behind no fence; task: algebra/gemv
//@hone workspace sum i32[m] zero
//@hone workspace count i32[m] zero
//@hone launch gemv grid=(m, 4) block=(64) args=(a, x, y, sum, count, n)
#include <stdint.h>
extern "C" __global__ void gemv(const float *a, const float *x, float *y, int *sum, int *count, int64_t n) {
    float s = 0;
    for (int64_t j = blockIdx.y * 64 + threadIdx.x; j < n; j += 256) s += a[blockIdx.x * n + j] * x[j];
    int *at = &sum[blockIdx.x];
    int old = *at, seen;
    while ((seen = atomicCAS(at, old, __float_as_int(__int_as_float(old) + s))) != old) old = seen;
    if (atomicAdd(&count[blockIdx.x], 1) == 255) y[blockIdx.x] = __int_as_float(*at);
}
