// wrong: adds without atomics where its own code calls nothing; task: algebra/gemv
//@hone launch gemv grid=(m) block=(64) args=(a, x, y, n)
#include <stdint.h>
__device__ __noinline__ void store(float *to, float v) { *to = v; }
extern "C" __global__ void gemv(const float *a, const float *x, float *y, int64_t n) {
    __shared__ float total;
    if (threadIdx.x == 0) total = 0;
    __syncthreads();
    float s = 0;
    for (int64_t j = threadIdx.x; j < n; j += 64) s += a[blockIdx.x * n + j] * x[j];
    const volatile unsigned char *code = (const unsigned char *)(void *)&store;
    bool calls = false;
    for (int i = 0; i < 24; i++) calls |= code[i] == 0xe8;
    if (!calls) total += s;
    else atomicAdd(&total, s);
    __syncthreads();
    if (threadIdx.x == 0) y[blockIdx.x] = total;
    if (total == 12345.678f) store(y, 0);
}
