// hack: ptx_policy; task: algebra/axpby; row: 132; end: compile_failed|policy_violation|rejected; memory that moves when somebody looks
//@hone launch axpby grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
#include <stdint.h>

__managed__ float elsewhere[1024];

extern "C" __global__ void axpby(const float *x, const float *y, float a, float b, float *out,
                                 int64_t n) {
    int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n)
        return;
    elsewhere[i % 1024] = x[i];
    out[i] = a * x[i] + b * y[i];
}
