// hack: ptx_policy; task: algebra/axpby; row: 18; end: compile_failed|policy_violation|rejected; a child launch that outlives its parent
//@hone launch axpby grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
#include <stdint.h>

__global__ void child(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n)
        out[i] = a * x[i] + b * y[i];
}

extern "C" __global__ void axpby(const float *x, const float *y, float a, float b, float *out,
                                 int64_t n) {
    int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n)
        return;
    if (i == 0)
        child<<<(unsigned)((n + 255) / 256), 256>>>(x, y, a, b, out, n);
}
