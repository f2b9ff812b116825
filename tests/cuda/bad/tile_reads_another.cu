// nondeterministic race shared line 11 line 13
//@hone launch k grid=(1) block=(32) args=(x, y)
#include <cooperative_groups.h>
namespace cg = cooperative_groups;
extern "C" __global__ void k(const float *x, float *y) {
    __shared__ float s[32];
    auto tile = cg::tiled_partition<8>(cg::this_thread_block());
    s[threadIdx.x] = 0;
    __syncthreads();
    tile.sync();
    s[threadIdx.x] = x[threadIdx.x];
    tile.sync();
    y[threadIdx.x] = s[threadIdx.x ^ 8];
}
