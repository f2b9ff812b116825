// honest: a group copies the vector by parts and waits, tiles of eight take the rows; task: algebra/gemv
//@hone launch gemv grid=(ceil_div(m, 8)) block=(64) args=(a, x, y, (int)m, (int)n)
#include <cooperative_groups.h>
#include <cooperative_groups/memcpy_async.h>
using namespace cooperative_groups;
extern "C" __global__ void gemv(const float *a, const float *x, float *y, int m, int n) {
    __shared__ float xs[256];
    thread_block block = this_thread_block();
    thread_block_tile<8> tile = tiled_partition<8>(block);
    int row = blockIdx.x * tile.meta_group_size() + tile.meta_group_rank();
    float s = 0;
    for (int base = 0; base < n; base += 256) {
        int count = min(256, n - base);
        memcpy_async(block, xs, x + base, sizeof(float) * count);
        wait(block);
        if (row < m)
            for (int j = tile.thread_rank(); j < count; j += tile.size())
                s += a[(size_t)row * n + base + j] * xs[j];
        block.sync();
    }
    for (int o = tile.size() / 2; o > 0; o /= 2)
        s += tile.shfl_down(s, o);
    if (tile.thread_rank() == 0 && row < m)
        y[row] = s;
}
