// Half precision, bfloat16 and cooperative groups over shuffles, atomics and barriers.
//@hone launch k grid=(2) block=(64) args=(y)
#include <cuda_fp16.h>
#include <cuda_bf16.h>
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>
namespace cg = cooperative_groups;
extern "C" __global__ void k(float *y) {
    __shared__ __half sum;
    __shared__ __half tile[64];
    __shared__ __nv_bfloat162 pairs;
    auto block = cg::this_thread_block();
    auto warp = cg::tiled_partition<32>(block);
    if (threadIdx.x == 0) { sum = __float2half(0.f); pairs = __floats2bfloat162_rn(0.f, 0.f); }
    tile[threadIdx.x] = __float2half((float)(threadIdx.x % 4));
    block.sync();
    __half v = __shfl_xor_sync(0xffffffffu, tile[threadIdx.x], 1);
    atomicAdd(&sum, v);
    atomicAdd(&pairs, __floats2bfloat162_rn(1.f, 2.f));
    __half2 h = __shfl_down_sync(0xffffffffu, __halves2half2(v, v), 1);
    float all = cg::reduce(warp, 1.0f, cg::plus<float>());
    block.sync();
    const float next = (float)((threadIdx.x + (threadIdx.x % 32 < 31)) % 4 ^ 1);
    y[blockIdx.x * 64 + threadIdx.x] = __half2float(sum) == 96 && all == 32 &&
                                       __low2float(pairs) == 64 && __high2float(pairs) == 128 &&
                                       __half2float(__low2half(h)) == next;
}
