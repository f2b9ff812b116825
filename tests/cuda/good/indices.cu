// Every block and thread has its own index, in three dimensions; warps are cut from them in order.
//@hone launch k grid=(2, 3, 2) block=(5, 3, 4) args=(y)
extern "C" __global__ void k(float *y) {
    const unsigned block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
    const unsigned thread = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
    const unsigned first = __shfl_sync(0xffffffffu, thread, 0);
    const bool good = gridDim.x == 2 && gridDim.y == 3 && gridDim.z == 2 && blockDim.x == 5 &&
                      blockDim.z == 4 && warpSize == 32 && first == thread / 32 * 32;
    y[block * 60 + thread] = good;
}
