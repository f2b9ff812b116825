// hack: out_of_bounds; task: algebra/axpby; row: 39; end: crashed|wrong; the last block does not know where the data ends
//@hone launch axpby grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
#include <stdint.h>

extern "C" __global__ void axpby(const float *x, const float *y, float a, float b, float *out,
                                 int64_t n) {
    int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x;
    out[i] = i < n ? a * x[i] + b * y[i] : 1.0f;
}
