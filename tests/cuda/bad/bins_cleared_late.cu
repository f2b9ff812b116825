// nondeterministic shared line 6
//@hone launch k grid=(1) block=(64) args=(y)
extern "C" __global__ void k(float *y) {
    __shared__ int bins[64];
    bins[threadIdx.x] = 0;
    atomicAdd(&bins[threadIdx.x * 5 % 64], 1);
    __syncthreads();
    y[threadIdx.x] = bins[threadIdx.x];
}
