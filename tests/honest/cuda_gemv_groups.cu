// honest: cooperative groups' tiles, and their reduction; task: algebra/gemv
//@hone launch gemv grid=(ceil_div(m, 16)) block=(128) args=(a, x, y, m, n)
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>
#include <cstdint>
namespace cg = cooperative_groups;

extern "C" __global__ void gemv(const float *a, const float *x, float *y, int64_t m, int64_t n) {
    cg::thread_block block = cg::this_thread_block();
    auto tile = cg::tiled_partition<8>(block);
    const int64_t row = (int64_t)blockIdx.x * tile.meta_group_size() + tile.meta_group_rank();
    float sum = 0.0f;
    if (row < m)
        for (int64_t j = tile.thread_rank(); j < n; j += tile.size())
            sum += a[row * n + j] * x[j];
    sum = cg::reduce(tile, sum, cg::plus<float>());
    if (row < m && tile.thread_rank() == 0)
        y[row] = sum;
}
