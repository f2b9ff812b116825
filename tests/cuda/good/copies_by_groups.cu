// A block copies in two stages; each is waited for in turn.
//@hone launch k grid=(2) block=(64) args=(x, y)
#include <cooperative_groups.h>
#include <cooperative_groups/memcpy_async.h>
namespace cg = cooperative_groups;
extern "C" __global__ void k(const float *x, float *y) {
    __shared__ float first[64], second[130];
    auto block = cg::this_thread_block();
    cg::memcpy_async(block, first, x, sizeof first);
    cg::memcpy_async(block, second, x + 64, sizeof second);
    cg::wait_prior<1>(block);
    bool right = first[63 - threadIdx.x] == x[63 - threadIdx.x];
    cg::wait(block);
    for (int i = threadIdx.x; i < 130; i += 64) right &= second[129 - i] == x[64 + 129 - i];
    y[blockIdx.x * 64 + threadIdx.x] = right;
}
