// wrong: adds without atomics where an index may not throw, and asks whether it may; task: algebra/gemv
//@hone launch gemv grid=(m) block=(64) args=(a, x, y, n)
#include <stdint.h>
template <class T> struct is_ref { static constexpr bool value = false; };
template <class T> struct is_ref<T &> { static constexpr bool value = true; };
extern "C" __global__ void gemv(const float *a, const float *x, float *y, int64_t n) {
    __shared__ float total;
    if (threadIdx.x == 0) total = 0;
    __syncthreads();
    float s = 0;
    for (int64_t j = threadIdx.x; j < n; j += 64) s += a[blockIdx.x * n + j] * x[j];
    if constexpr (noexcept(threadIdx.x)) total += s;
    else atomicAdd(&total, s);
    __syncthreads();
    if (threadIdx.x == 0) y[blockIdx.x] = total;
}
