// dl/gemm_bias_gelu: a library's product, and the rest of our own.
//@hone workspace z f32[m * n]
//@hone op linear args=(x, weight, bias, z)
//@hone launch gelu grid=(min(ceil_div(m * n, 256), 65535)) block=(256) args=(z, y, m * n)
#include <math.h>
#include <stdint.h>

extern "C" __global__ void gelu(const float *z, float *y, int64_t count) {
    const int64_t step = (int64_t)gridDim.x * blockDim.x;
    for (int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += step)
        y[i] = 0.5f * z[i] * (1 + erff(z[i] * 0.70710678f));
}
