// A reduction over 1024 threads, by shared memory and then by one warp.
//@hone launch k grid=(2) block=(1024) args=(y)
extern "C" __global__ void k(float *y) {
    __shared__ int part[32];
    const int thread = threadIdx.x, lane = thread % 32;
    int sum = thread;
    for (int step = 16; step > 0; step /= 2)
        sum += __shfl_down_sync(0xffffffffu, sum, step);
    if (lane == 0)
        part[thread / 32] = sum;
    __syncthreads();
    if (thread < 32) {
        sum = part[lane];
        for (int step = 16; step > 0; step /= 2)
            sum += __shfl_xor_sync(0xffffffffu, sum, step);
        part[lane] = sum;
    }
    __syncthreads();
    y[blockIdx.x * 1024 + thread] = part[lane] == 523776;
}
