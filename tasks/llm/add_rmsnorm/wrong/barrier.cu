// Partial sums are added without a barrier between the steps.
//@hone launch add_rmsnorm grid=(t) block=(256) args=(x, residual, weight, eps, y, sum, h)
#include <math.h>
#include <stdint.h>

extern "C" __global__ void add_rmsnorm(const float *x, const float *residual, const float *weight,
                                       float eps, float *y, float *sum, int64_t h) {
    __shared__ float partial[256];
    const int64_t row = blockIdx.x * h;
    float squares = 0;
    for (int64_t c = threadIdx.x; c < h; c += 256) {
        float value = x[row + c] + residual[row + c];
        sum[row + c] = value;
        squares += value * value;
    }
    partial[threadIdx.x] = squares;
    __syncthreads();
    for (int half = 128; half > 0; half /= 2) {
        if (threadIdx.x < half)
            partial[threadIdx.x] += partial[threadIdx.x + half];
    }
    float scale = 1 / sqrtf(partial[0] / (float)h + eps);
    for (int64_t c = threadIdx.x; c < h; c += 256)
        y[row + c] = sum[row + c] * scale * weight[c];
}
