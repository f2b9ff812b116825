// Threads that write the same value say the same thing.
//@hone launch k grid=(2) block=(64) args=(y)
extern "C" __global__ void k(float *y) {
    __shared__ int found;
    if (threadIdx.x == 0)
        found = 0;
    __syncthreads();
    if (threadIdx.x % 3 == 0)
        found = 1;
    y[blockIdx.x * 64] = 1;
    __syncthreads();
    y[blockIdx.x * 64 + threadIdx.x] = found;
}
