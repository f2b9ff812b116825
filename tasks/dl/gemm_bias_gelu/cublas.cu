// cuBLAS in f32, without TF32, and one pass for the rest: the library's own epilogue has only the
// approximate gelu.
//@hone call cublas_gemm args=(0, 1, m, n, k, x, weight, y)
//@hone launch bias_gelu grid=(ceil_div(n, 256), min(m, 65535)) block=(256) args=(y, bias, m, n)
#include <math.h>
#include <stdint.h>

extern "C" __global__ void bias_gelu(float *y, const float *bias, int64_t m, int64_t n) {
    int64_t j = (int64_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (j >= n)
        return;
    const float shift = bias[j];
    for (int64_t i = blockIdx.y; i < m; i += gridDim.y) {
        const float z = y[i * n + j] + shift;
        y[i * n + j] = 0.5f * z * (1 + erff(z * 0.70710678f));
    }
}
