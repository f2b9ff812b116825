// Shuffles of all kinds, widths and types.
//@hone launch k grid=(2) block=(96) args=(y)
extern "C" __global__ void k(float *y) {
    const unsigned all = 0xffffffffu;
    const int lane = threadIdx.x % 32;
    bool good = true;
    for (int width = 2; width <= 32; width *= 2) {
        const int first = lane / width * width;
        good &= __shfl_sync(all, lane * 3, 5, width) == (first + 5 % width) * 3;
        good &= __shfl_up_sync(all, lane, 1, width) == (lane > first ? lane - 1 : lane);
        good &= __shfl_down_sync(all, lane, 1, width) == (lane < first + width - 1 ? lane + 1 : lane);
        good &= __shfl_xor_sync(all, lane, width - 1, width) == (lane ^ (width - 1));
    }
    good &= __shfl_sync(all, (double)lane + 0.5, 31) == 31.5;
    good &= __shfl_sync(all, 1ll << 40 | lane, 7) == (1ll << 40 | 7);
    good &= __shfl_sync(all, (float)lane, lane + 33) == (float)((lane + 1) % 32);
    good &= __shfl_up_sync(all, lane, 40) == lane;
    y[blockIdx.x * blockDim.x + threadIdx.x] = good;
}
