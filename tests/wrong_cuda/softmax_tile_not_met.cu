// wrong: a tile reads its parts before all are there; task: dl/softmax
//@hone launch softmax grid=(ceil_div(rows, 16)) block=(128) args=(x, y, rows, cols)
#include <cooperative_groups.h>
#include <math.h>
#include <stdint.h>
namespace cg = cooperative_groups;

extern "C" __global__ void softmax(const float *x, float *y, int64_t rows, int64_t cols) {
    __shared__ float parts[128];
    auto tile = cg::tiled_partition<8>(cg::this_thread_block());
    const int64_t row = blockIdx.x * 16 + tile.meta_group_rank();
    const int t = tile.thread_rank();
    if (row >= rows) return;
    const float *in = x + row * cols;
    float most = -INFINITY, sum = 0;
    for (int64_t c = t; c < cols; c += 8) most = fmaxf(most, in[c]);
    for (int step = 4; step > 0; step /= 2) most = fmaxf(most, tile.shfl_xor(most, step));
    for (int64_t c = t; c < cols; c += 8) sum += expf(in[c] - most);
    parts[threadIdx.x] = sum;
    sum = 0;
    for (int i = 0; i < 8; i++) sum += parts[threadIdx.x - t + i];
    for (int64_t c = t; c < cols; c += 8) y[row * cols + c] = expf(in[c] - most) / sum;
}
