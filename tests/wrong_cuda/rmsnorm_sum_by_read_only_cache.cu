// wrong: reads by __ldg() the sum that the launch has just written; task: llm/add_rmsnorm
//@hone launch rms grid=(t) block=(128) args=(x, residual, weight, eps, y, sum, h)
#include <math.h>
#include <stdint.h>
extern "C" __global__ void rms(const float *x, const float *residual, const float *weight, float eps, float *y, float *sum, int64_t h) {
    __shared__ float part[4];
    const int64_t row = blockIdx.x * h;
    float s = 0;
    for (int64_t c = threadIdx.x; c < h; c += 128) { float v = x[row + c] + residual[row + c]; sum[row + c] = v; s += v * v; }
    for (int w = 16; w; w /= 2) s += __shfl_xor_sync(~0u, s, w);
    if (threadIdx.x % 32 == 0) part[threadIdx.x / 32] = s;
    __syncthreads();
    const float scale = rsqrtf((part[0] + part[1] + part[2] + part[3]) / h + eps);
    for (int64_t c = threadIdx.x; c < h; c += 128) y[row + c] = __ldg(sum + row + c) * scale * weight[c];
}
