// The active lanes are those that went the same way.
//@hone launch k grid=(2) block=(64) args=(y)
extern "C" __global__ void k(float *y) {
    const int lane = threadIdx.x % 32;
    bool good;
    if (lane % 4 == 0) {
        const unsigned mask = __activemask();
        good = mask == 0x11111111u && __shfl_sync(mask, lane, 28) == 28;
    } else {
        const unsigned mask = __activemask();
        good = mask == 0xeeeeeeeeu && __reduce_add_sync(mask, 1) == 24;
    }
    __syncwarp();
    good &= __activemask() == 0xffffffffu;
    y[blockIdx.x * blockDim.x + threadIdx.x] = good;
}
