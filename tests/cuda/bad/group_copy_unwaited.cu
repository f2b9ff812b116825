// nondeterministic copies arrived
//@hone launch k grid=(1) block=(64) args=(x, y)
#include <cooperative_groups.h>
#include <cooperative_groups/memcpy_async.h>
namespace cg = cooperative_groups;
extern "C" __global__ void k(const float *x, float *y) {
    __shared__ float tile[64];
    auto block = cg::this_thread_block();
    cg::memcpy_async(block, tile, x, sizeof tile);
    block.sync();
    y[threadIdx.x] = tile[63 - threadIdx.x];
}
