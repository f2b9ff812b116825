// Buckets in shared memory, each with a lock; and one more lock that passes from warp to warp.
//@hone launch k grid=(2) block=(96) args=(y)
extern "C" __global__ void k(float *y) {
    __shared__ int lock[4], count[4], order, turns[3];
    if (threadIdx.x < 4) lock[threadIdx.x] = count[threadIdx.x] = 0;
    if (threadIdx.x == 0) order = 0;
    __syncthreads();
    const int b = threadIdx.x % 4;
    for (bool done = false; !done;)
        if (atomicCAS(&lock[b], 0, 1) == 0) {
            __threadfence_block();
            count[b] = count[b] + 1;
            __threadfence_block();
            atomicExch(&lock[b], 0);
            done = true;
        }
    if (threadIdx.x % 32 == 0) {
        while (atomicAdd(&order, 0) != threadIdx.x / 32) { }
        __threadfence_block();
        turns[threadIdx.x / 32] = threadIdx.x >= 32 ? turns[threadIdx.x / 32 - 1] + 1 : 1;
        __threadfence_block();
        atomicAdd(&order, 1);
    }
    __syncthreads();
    y[blockIdx.x * 96 + threadIdx.x] = count[b] == 24 && turns[2] == 3;
}
