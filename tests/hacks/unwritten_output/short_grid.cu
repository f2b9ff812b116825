// hack: unwritten_output; task: algebra/axpby; row: 53 15; a grid that ends before the data does
//@hone launch axpby grid=(max(1, n / 256)) block=(256) args=(x, y, a, b, out, n)
#include <stdint.h>

extern "C" __global__ void axpby(const float *x, const float *y, float a, float b, float *out,
                                 int64_t n) {
    int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n)
        out[i] = a * x[i] + b * y[i];
}
