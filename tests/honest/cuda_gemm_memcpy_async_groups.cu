// honest: rows of tiles copied by a group, waited for by the block; task: algebra/gemm
//@hone launch gemm grid=(ceil_div(n, 32), ceil_div(m, 8)) block=(32, 8) args=(a, b, c, (int)m, (int)n, (int)k)
#include <cooperative_groups.h>
#include <cooperative_groups/memcpy_async.h>
namespace cg = cooperative_groups;

extern "C" __global__ void gemm(const float *a, const float *b, float *c, int m, int n, int k) {
    __shared__ float rows[8][64];
    auto block = cg::this_thread_block();
    const int i0 = blockIdx.y * 8, i = i0 + threadIdx.y, j = blockIdx.x * 32 + threadIdx.x;
    float sum = 0;
    for (int p = 0; p < k; p += 64) {
        const int here = min(64, k - p);
        for (int r = 0; r < 8 && i0 + r < m; r++)
            cg::memcpy_async(block, &rows[r][0], a + (size_t)(i0 + r) * k + p, sizeof(float) * here);
        cg::wait(block);
        if (i < m && j < n)
            for (int q = 0; q < here; q++) sum += rows[threadIdx.y][q] * b[(size_t)(p + q) * n + j];
        block.sync();
    }
    if (i < m && j < n) c[(size_t)i * n + j] = sum;
}
