// A block learns of the first by way of the second, whose threads have met in between.
//@hone launch clear grid=(3) block=(32) args=(y)
//@hone launch k grid=(3) block=(32) args=(y)
__device__ int flag[3];
__device__ float made[32];
extern "C" __global__ void clear(float *y) {
    if (threadIdx.x == 0) flag[blockIdx.x] = 0;
    y[blockIdx.x * 32 + threadIdx.x] = 0;
}
extern "C" __global__ void k(float *y) {
    const int b = blockIdx.x, t = threadIdx.x;
    if (b == 0) made[t] = t + 1;
    if (b > 0) {
        if (t == 31)
            while (atomicAdd(&flag[b - 1], 0) == 0) __nanosleep(10);
        __syncthreads();
    }
    __threadfence();
    __syncthreads();
    if (t == 0) atomicExch(&flag[b], 1);
    y[b * 32 + t] = b < 2 || made[31 - t] == 32 - t;
}
