// Bins for each warp, without atomics where lanes agree, then added up; and a largest by atomicCAS.
//@hone launch k grid=(2) block=(128) args=(x, y)
extern "C" __global__ void k(const float *x, float *y) {
    __shared__ int bins[4][8], most;
    const int w = threadIdx.x / 32, lane = threadIdx.x % 32, mine = lane % 8;
    if (lane < 8) bins[w][lane] = 0;
    if (threadIdx.x == 0) most = __float_as_int(0.0f);
    __syncthreads();
    const unsigned same = __match_any_sync(0xffffffffu, mine);
    if (lane == __ffs(same) - 1) bins[w][mine] += __popc(same);
    int seen = most;
    const float value = x[threadIdx.x];
    while (__int_as_float(seen) < value) {
        const int was = atomicCAS(&most, seen, __float_as_int(value));
        if (was == seen) break;
        seen = was;
    }
    __syncthreads();
    int sum = 0;
    for (int i = 0; i < 4; i++) sum += bins[i][mine];
    y[blockIdx.x * 128 + threadIdx.x] = sum == 16 && __int_as_float(most) == 127;
}
