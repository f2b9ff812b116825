// Atomics in shared memory between barriers, then in global memory; what is there is read after.
//@hone launch clear grid=(1) block=(64) args=(y)
//@hone launch k grid=(4) block=(64) args=(y)
//@hone launch check grid=(1) block=(64) args=(y)
extern "C" __global__ void clear(float *y) {
    y[threadIdx.x] = 0;
}
extern "C" __global__ void k(float *y) {
    __shared__ int bins[8];
    if (threadIdx.x < 8) bins[threadIdx.x] = 0;
    __syncthreads();
    atomicAdd(&bins[threadIdx.x * 5 % 8], 1);
    __syncthreads();
    if (threadIdx.x < 8) atomicAdd(&y[threadIdx.x], (float)bins[threadIdx.x]);
}
extern "C" __global__ void check(float *y) {
    const float bin = y[threadIdx.x % 8];
    __syncthreads();
    y[threadIdx.x] = bin == 32;
}
