// wrong: a tile of 32 adds what 16 lanes bring that are not there; task: algebra/gemv
//@hone launch gemv grid=(m) block=(48) args=(a, x, y, n)
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>
#include <stdint.h>
namespace cg = cooperative_groups;
extern "C" __global__ void gemv(const float *a, const float *x, float *y, int64_t n) {
    __shared__ float part[2];
    auto block = cg::this_thread_block();
    auto tile = cg::tiled_partition<32>(block);
    float s = 0;
    for (int64_t j = threadIdx.x; j < n; j += 48) s += a[blockIdx.x * n + j] * x[j];
    for (int w = 16; w; w /= 2) s += tile.shfl_down(s, w);
    if (tile.thread_rank() == 0) part[threadIdx.x / 32] = s;
    block.sync();
    if (threadIdx.x == 0) y[blockIdx.x] = part[0] + part[1];
}
