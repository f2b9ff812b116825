// honest: asserts, ends early when all products are zero, by a vote at a barrier; task: algebra/gemv
//@hone launch gemv grid=(m) block=(64) args=(a, x, y, (int)n)
#include <cassert>
#include <cooperative_groups.h>
extern "C" __global__ void gemv(const float *a, const float *x, float *y, int n) {
    __shared__ float s[64];
    dim3 b = blockDim;
    assert(b.x == 64);
    float v = 0;
    for (int j = threadIdx.x; j < n; j += b.x)
        v += a[(size_t)blockIdx.x * n + j] * x[j];
    s[threadIdx.x] = v;
    int any = __syncthreads_or(v != 0.f);
    if (!any) {
        if (threadIdx.x == 0)
            y[blockIdx.x] = 0;
        return;
    }
    cooperative_groups::thread_block tb = cooperative_groups::this_thread_block();
    for (unsigned d = tb.size() / 2; d > 0; d /= 2) {
        if (tb.thread_rank() < d)
            s[tb.thread_rank()] += s[tb.thread_rank() + d];
        cooperative_groups::sync(tb);
    }
    if (tb.thread_index().x == 0)
        y[tb.group_index().x] = s[0];
}
