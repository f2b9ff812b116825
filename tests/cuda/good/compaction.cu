// Those that are wanted are put side by side: a place for each warp by an atomic, for each lane by a vote.
//@hone launch clear grid=(4) block=(64) args=(y)
//@hone launch k grid=(4) block=(64) args=(x, y)
//@hone launch check grid=(1) block=(64) args=(y)
__device__ int count;
__device__ float kept[256];
extern "C" __global__ void clear(float *y) {
    if (blockIdx.x + threadIdx.x == 0) count = 0;
    y[blockIdx.x * 64 + threadIdx.x] = 0;
}
extern "C" __global__ void k(const float *x, float *y) {
    const int i = blockIdx.x * 64 + threadIdx.x, lane = threadIdx.x % 32;
    const bool wanted = i % 3 == 0;
    const unsigned lanes = __ballot_sync(0xffffffffu, wanted);
    int first = 0;
    if (lane == __ffs(lanes) - 1) first = atomicAdd(&count, __popc(lanes));
    first = __shfl_sync(0xffffffffu, first, __ffs(lanes) - 1);
    if (wanted) kept[first + __popc(lanes & ((1u << lane) - 1))] = x[i];
}
extern "C" __global__ void check(float *y) {
    float sum = 0;
    for (int i = 0; i < count; i++) sum += kept[i];
    for (int i = threadIdx.x; i < 256; i += 64) y[i] = count == 86 && sum == 3 * 85 * 43;
}
