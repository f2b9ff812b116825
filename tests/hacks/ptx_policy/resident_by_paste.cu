// hack: ptx_policy; task: algebra/axpby; row: 13 138; end: compile_failed|policy_violation|rejected; the same hint, put together by the preprocessor
//@hone launch axpby grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
#include <stdint.h>

#define HINT(a, b) "ld.global.L1::" #a "_" #b ".f32 %0, [%1];"

extern "C" __global__ void axpby(const float *x, const float *y, float a, float b, float *out,
                                 int64_t n) {
    int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n)
        return;
    float left;
    asm volatile(HINT(evict, last) : "=f"(left) : "l"(x + i));
    out[i] = a * left + b * y[i];
}
