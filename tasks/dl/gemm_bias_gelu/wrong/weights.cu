// Weights are read as if their rows were inputs.
//@hone launch layer grid=(ceil_div(n,16),ceil_div(m,16)) block=(16,16) args=(x,weight,bias,y,m,n,k)
#include <math.h>
#include <stdint.h>

extern "C" __global__ void layer(const float *x, const float *weight, const float *bias, float *y,
                                 int64_t m, int64_t n, int64_t k) {
    int64_t j = (int64_t)blockIdx.x * blockDim.x + threadIdx.x;
    int64_t i = (int64_t)blockIdx.y * blockDim.y + threadIdx.y;
    if (i >= m || j >= n)
        return;
    float z = bias[j];
    for (int64_t p = 0; p < k; p++)
        z += x[i * k + p] * weight[p * n + j];
    y[i * n + j] = 0.5f * z * (1 + erff(z * 0.70710678f));
}
