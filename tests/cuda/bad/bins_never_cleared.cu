// nondeterministic written shared line 5
//@hone launch k grid=(1) block=(64) args=(y)
extern "C" __global__ void k(float *y) {
    __shared__ int bins[8];
    atomicAdd(&bins[threadIdx.x % 8], 1);
    __syncthreads();
    y[threadIdx.x] = bins[threadIdx.x % 8];
}
