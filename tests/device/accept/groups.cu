// facts: groups barrier warp shared
#include <cooperative_groups.h>
#include <cooperative_groups/memcpy_async.h>
#include <cooperative_groups/reduce.h>
#include <cooperative_groups/scan.h>
namespace cg = cooperative_groups;

__device__ float sum(cg::thread_block_tile<32> tile, float value) {
    return cg::reduce(tile, value, cg::plus<float>());
}
extern "C" __global__ void groups(float *out, const int *in) {
    cg::thread_block block = cg::this_thread_block();
    auto warp = cg::tiled_partition<32>(block);
    auto part = cg::tiled_partition<8>(warp);
    cg::coalesced_group active = cg::coalesced_threads();
    float value = sum(warp, out[block.thread_rank()]);
    value += cg::reduce(part, value, cg::greater<float>()) + warp.shfl_down(value, 1) +
             part.shfl_xor(value, 2);
    int scanned =
        cg::inclusive_scan(part, in[0]) + cg::exclusive_scan(part, in[1], cg::plus<int>());
    if (warp.any(scanned) && part.all(scanned) && warp.ballot(scanned) && part.match_any(scanned))
        value += active.shfl(value, 0) + (float)active.size() + (float)active.thread_rank();
    __shared__ float staged[64];
    cg::memcpy_async(block, staged, out, sizeof(float) * 64);
    cg::wait(block);
    block.sync();
    cg::sync(block);
    if (warp.thread_rank() == 0 && part.meta_group_rank() < part.meta_group_size())
        out[cg::this_grid().thread_rank()] = value + staged[block.thread_index().x % block.size()];
}
