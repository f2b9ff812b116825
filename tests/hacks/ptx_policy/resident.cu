// hack: ptx_policy; task: algebra/axpby; row: 13; end: compile_failed|policy_violation|rejected; asks the cache to keep the inputs through the flush
//@hone launch axpby grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
#include <stdint.h>

extern "C" __global__ void axpby(const float *x, const float *y, float a, float b, float *out,
                                 int64_t n) {
    int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n)
        return;
    float left;
    asm volatile("ld.global.L1::evict_last.f32 %0, [%1];" : "=f"(left) : "l"(x + i));
    out[i] = a * left + b * y[i];
}
