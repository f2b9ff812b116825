// wrong: sums of earlier blocks include the own one; task: algebra/scan
//@hone const CHUNK = 1024
//@hone workspace sums f32[ceil_div(n, CHUNK)]
//@hone launch partial grid=(ceil_div(n, CHUNK)) block=(256) args=(x, sums, n)
//@hone launch spread grid=(1) block=(32) args=(sums, (int)ceil_div(n, CHUNK))
//@hone launch finish grid=(ceil_div(n, CHUNK)) block=(256) args=(x, sums, y, n)
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>
#include <cooperative_groups/scan.h>
#include <stdint.h>
namespace cg = cooperative_groups;

extern "C" __global__ void partial(const float *x, float *sums, int64_t n) {
    __shared__ float per_warp[8];
    auto block = cg::this_thread_block();
    auto warp = cg::tiled_partition<32>(block);
    float sum = 0;
    for (int e = 0; e < 4; e++) {
        int64_t i = (int64_t)blockIdx.x * CHUNK + e * 256 + block.thread_rank();
        sum += i < n ? x[i] : 0.0f;
    }
    sum = cg::reduce(warp, sum, cg::plus<float>());
    if (warp.thread_rank() == 0) per_warp[warp.meta_group_rank()] = sum;
    block.sync();
    if (warp.meta_group_rank() == 0) {
        float all = warp.thread_rank() < 8 ? per_warp[warp.thread_rank()] : 0;
        all = cg::reduce(warp, all, cg::plus<float>());
        if (warp.thread_rank() == 0) sums[blockIdx.x] = all;
    }
}

extern "C" __global__ void spread(float *sums, int count) {
    auto warp = cg::tiled_partition<32>(cg::this_thread_block());
    float carry = 0;
    for (int base = 0; base < count; base += 32) {
        int i = base + warp.thread_rank();
        float own = i < count ? sums[i] : 0;
        float before = cg::exclusive_scan(warp, own, cg::plus<float>());
        if (i < count) sums[i] = carry + before + own;
        carry += warp.shfl(before + own, 31);
    }
}

extern "C" __global__ void finish(const float *x, const float *sums, float *y, int64_t n) {
    __shared__ float per_warp[8];
    auto block = cg::this_thread_block();
    auto warp = cg::tiled_partition<32>(block);
    const int64_t base = (int64_t)blockIdx.x * CHUNK + 4 * threadIdx.x;
    float v[4], total = 0;
    for (int e = 0; e < 4; e++) {
        v[e] = base + e < n ? x[base + e] : 0;
        total += v[e];
        v[e] = total;
    }
    float inclusive = cg::inclusive_scan(warp, total, cg::plus<float>());
    if (warp.thread_rank() == 31) per_warp[warp.meta_group_rank()] = inclusive;
    block.sync();
    float before = sums[blockIdx.x] + inclusive - total;
    for (unsigned w = 0; w < warp.meta_group_rank(); w++) before += per_warp[w];
    for (int e = 0; e < 4; e++)
        if (base + e < n) y[base + e] = before + v[e];
}
