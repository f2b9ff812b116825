// One warp fills, the other waits for a flag, without a barrier; then the other way round.
//@hone launch k grid=(2) block=(64) args=(x, y)
extern "C" __global__ void k(const float *x, float *y) {
    __shared__ volatile int full, empty;
    __shared__ float tile[32];
    if (threadIdx.x == 0) full = empty = 0;
    __syncthreads();
    const int lane = threadIdx.x % 32;
    float seen = 0;
    for (int round = 1; round <= 4; round++) {
        if (threadIdx.x < 32) {
            while (empty != round - 1) { }
            __threadfence_block();
            __syncwarp();
            tile[lane] = x[lane] * round;
            __threadfence_block();
            __syncwarp();
            if (lane == 0) full = round;
        } else {
            while (full < round);
            __threadfence_block();
            __syncwarp();
            seen += tile[31 - lane];
            __threadfence_block();
            __syncwarp();
            if (lane == 0) empty = round;
        }
    }
    y[blockIdx.x * 64 + threadIdx.x] = threadIdx.x < 32 || seen == 10 * x[31 - lane];
}
