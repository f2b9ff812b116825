// Groups of a warp that know nothing of each other: masks of halves, tiles of eight, the odd ones.
//@hone launch k grid=(2) block=(64) args=(y)
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>
namespace cg = cooperative_groups;
extern "C" __global__ void k(float *y) {
    __shared__ int place[64];
    const int t = threadIdx.x, lane = t % 32;
    auto tile = cg::tiled_partition<8>(cg::this_thread_block());
    place[t] = tile.thread_rank();
    tile.sync();
    int right = place[t ^ 7] == 7 - lane % 8;
    tile.sync();
    place[t] = cg::reduce(tile, t, cg::plus<int>());
    if (lane < 16) {
        __syncwarp(0xffff);
        right &= place[t ^ 15] == place[(t ^ 15) & ~7];
        right &= __shfl_down_sync(0xffff, lane, 1, 16) == (lane == 15 ? 15 : lane + 1);
    }
    if (lane % 2) {
        auto odd = cg::coalesced_threads();
        right &= odd.size() == 16 && odd.shfl(lane, 3) == 7;
    }
    y[blockIdx.x * 64 + t] = right;
}
