// A lock by atomicCAS, held by one thread at a time.
//@hone launch k grid=(2) block=(64) args=(y)
__device__ int taken;
extern "C" __global__ void k(float *y) {
    __shared__ int count;
    if (threadIdx.x == 0)
        count = 0;
    __syncthreads();
    while (atomicCAS(&taken, 0, 1) != 0)
        __nanosleep(20);
    const int before = atomicAdd(&count, 0);
    __nanosleep(20);
    atomicExch(&count, before + 1);
    __threadfence();
    atomicExch(&taken, 0);
    __syncthreads();
    y[blockIdx.x * blockDim.x + threadIdx.x] = count == 64;
}
