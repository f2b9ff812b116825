// Lanes that have returned count as arrived, in exact masks and in full ones.
//@hone launch k grid=(2) block=(96) args=(y)
extern "C" __global__ void k(float *y) {
    __shared__ int cells[96];
    const int lane = threadIdx.x % 32, thread = threadIdx.x;
    y[blockIdx.x * blockDim.x + thread] = 1;
    if (lane >= 20 || thread >= 64 + 8)
        return;
    const int live = thread >= 64 ? 8 : 20;
    const unsigned exact = (1u << live) - 1;
    bool good = __ballot_sync(exact, 1) == exact;
    good &= __ballot_sync(0xffffffffu, 1) == exact;
    good &= __shfl_sync(0xffffffffu, lane, 4) == 4;
    good &= __reduce_add_sync(exact, 1) == live;
    cells[thread] = thread;
    __syncthreads();
    good &= cells[(thread + 32) % 64 < 64 && lane < 8 ? (thread + 32) % 64 : thread] ==
            (lane < 8 ? (thread + 32) % 64 : thread);
    __syncthreads();
    good &= __all_sync(0xffffffffu, good);
    y[blockIdx.x * blockDim.x + thread] = good;
}
