// nondeterministic race of block line 7 line 12
//@hone launch k grid=(8) block=(32) args=(y)
__device__ unsigned ticket;
extern "C" __global__ void k(float *y) {
    __shared__ bool last;
    const int i = blockIdx.x * 32 + threadIdx.x;
    y[i] = i;
    __syncthreads();
    if (threadIdx.x == 0) last = atomicInc(&ticket, 7) == 7;
    __syncthreads();
    if (last)
        for (int b = 0; b < 7; b++) y[224 + threadIdx.x] += y[32 * b + threadIdx.x];
}
