// honest: sums by shuffles, and writes both outputs in one pass; task: llm/add_rmsnorm
//@hone launch rmsnorm grid=(t) block=(128) args=(x, residual, weight, eps, y, sum, h)
#include <math.h>
#include <stdint.h>

extern "C" __global__ void rmsnorm(const float *x, const float *residual, const float *weight,
                                   float eps, float *y, float *sum, int64_t h) {
    __shared__ float warps[4];
    const int64_t row = blockIdx.x * h;
    float squares = 0;
    for (int64_t c = threadIdx.x; c < h; c += 128) {
        const float value = x[row + c] + residual[row + c];
        sum[row + c] = value;
        squares += value * value;
    }
    for (int lanes = 16; lanes > 0; lanes /= 2)
        squares += __shfl_xor_sync(0xffffffff, squares, lanes);
    if (threadIdx.x % 32 == 0)
        warps[threadIdx.x / 32] = squares;
    __syncthreads();
    const float all = warps[0] + warps[1] + warps[2] + warps[3];
    const float scale = rsqrtf(all / (float)h + eps);
    for (int64_t c = threadIdx.x; c < h; c += 128)
        y[row + c] = sum[row + c] * scale * weight[c];
}
