// honest: tiles that a thread group is cut into at run time; task: llm/add_rmsnorm
//@hone launch rms_norm grid=(t) block=(64) args=(x, residual, weight, eps, y, sum, (int)h)
#include <cooperative_groups.h>
using namespace cooperative_groups;

__device__ float sum_of(thread_group g, float *scratch, float v) {
    const int lane = g.thread_rank();
    for (int i = g.size() / 2; i > 0; i /= 2) {
        scratch[lane] = v;
        g.sync();
        if (lane < i) v += scratch[lane + i];
        g.sync();
    }
    return v;
}

extern "C" __global__ void rms_norm(const float *x, const float *residual, const float *weight, float eps,
                                float *y, float *sum, int h) {
    __shared__ float scratch[64];
    __shared__ float scale;
    thread_block block = this_thread_block();
    const long long row = (long long)blockIdx.x * h;
    float squares = 0;
    for (int c = block.thread_rank(); c < h; c += block.size()) {
        const float v = x[row + c] + residual[row + c];
        squares = fmaf(v, v, squares);
        sum[row + c] = v;
    }
    squares = sum_of(block, scratch, squares);
    if (block.thread_rank() == 0) scale = 1.0f / sqrtf(squares / h + eps);
    block.sync();
    for (int c = block.thread_rank(); c < h; c += block.size()) y[row + c] = sum[row + c] * scale * weight[c];
}
