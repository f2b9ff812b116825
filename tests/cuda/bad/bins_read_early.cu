// nondeterministic race shared line 7 line 8
//@hone launch k grid=(1) block=(64) args=(y)
extern "C" __global__ void k(float *y) {
    __shared__ int bins[8];
    if (threadIdx.x < 8) bins[threadIdx.x] = 0;
    __syncthreads();
    atomicAdd(&bins[threadIdx.x % 8], 1);
    if (threadIdx.x < 8) y[threadIdx.x] = bins[threadIdx.x];
}
