// Threads write bytes and halves of words side by side, and read whole words after a barrier.
//@hone launch k grid=(2) block=(64) args=(y)
extern "C" __global__ void k(float *y) {
    __shared__ __align__(16) unsigned char bytes[64];
    __shared__ __align__(16) unsigned short halves[64];
    bytes[threadIdx.x] = (unsigned char)threadIdx.x;
    halves[threadIdx.x] = (unsigned short)(threadIdx.x % 2);
    __syncthreads();
    const unsigned first = threadIdx.x / 4 * 4;
    const unsigned word = ((const unsigned *)bytes)[threadIdx.x / 4];
    const unsigned pair = ((const unsigned *)halves)[threadIdx.x / 2];
    __syncthreads();
    ((unsigned *)bytes)[threadIdx.x % 16] = 7;
    y[blockIdx.x * 64 + threadIdx.x] =
        word == (first | (first + 1) << 8 | (first + 2) << 16 | (first + 3) << 24) && pair == 65536;
}
