// The two halves of a warp go their own ways, with their own masks, differently often.
//@hone launch k grid=(2) block=(64) args=(y)
extern "C" __global__ void k(float *y) {
    const int lane = threadIdx.x % 32;
    int sum = lane;
    bool good = true;
    if (lane < 16) {
        for (int step = 8; step > 0; step /= 2)
            sum += __shfl_xor_sync(0x0000ffffu, sum, step);
        good &= sum == 120;
        good &= __ballot_sync(0x0000ffffu, lane & 1) == 0x0000aaaau;
    } else {
        good &= __ballot_sync(0xffff0000u, lane & 1) == 0xaaaa0000u;
        good &= __shfl_sync(0xffff0000u, lane, 20) == 20;
    }
    good &= __reduce_add_sync(0xffffffffu, 1) == 32;
    __syncwarp();
    if (lane % 2)
        good &= __shfl_down_sync(0xaaaaaaaau, lane, 2) == (lane < 30 ? lane + 2 : lane);
    __syncthreads();
    good &= __shfl_sync(0xffffffffu, lane, 3) == 3;
    y[blockIdx.x * blockDim.x + threadIdx.x] = good;
}
