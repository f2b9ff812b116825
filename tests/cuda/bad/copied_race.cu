// nondeterministic race byte shared memory __syncthreads()
//@hone launch k grid=(1) block=(64) args=(x, y)
extern "C" __global__ void k(const float *x, float *y) {
    __shared__ float s[64];
    s[63 - threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    if (threadIdx.x == 0)
        memcpy(s, x, blockDim.x * sizeof *x);
    y[threadIdx.x] = s[threadIdx.x];
}
