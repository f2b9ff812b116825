// wrong: a volatile part, and a count that may be seen before it; task: algebra/gemv
//@hone workspace part f32[m * 4]
//@hone workspace count i32[m] zero
//@hone launch gemv grid=(m, 4) block=(32) args=(a, x, y, part, count, n)
#include <stdint.h>
extern "C" __global__ void gemv(const float *a, const float *x, float *y, volatile float *part, int *count, int64_t n) {
    float s = 0;
    for (int64_t j = blockIdx.y * 32 + threadIdx.x; j < n; j += 128) s += a[blockIdx.x * n + j] * x[j];
    for (int w = 16; w; w /= 2) s += __shfl_down_sync(~0u, s, w);
    if (threadIdx.x == 0) {
        part[blockIdx.x * 4 + blockIdx.y] = s;
        if (atomicAdd(&count[blockIdx.x], 1) == 3) {
            float t = 0;
            for (int i = 0; i < 4; i++) t += part[blockIdx.x * 4 + i];
            y[blockIdx.x] = t;
        }
    }
}
