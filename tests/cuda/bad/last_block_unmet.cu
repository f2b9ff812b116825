// nondeterministic race of block line 7
//@hone launch k grid=(8) block=(64) args=(y)
__device__ unsigned ticket;
extern "C" __global__ void k(float *y) {
    __shared__ bool last;
    const int i = blockIdx.x * 64 + threadIdx.x;
    y[i] = i;
    if (threadIdx.x == 0) {
        __threadfence();
        last = atomicInc(&ticket, 7) == 7;
    }
    __syncthreads();
    if (last)
        for (int b = 0; b < 7; b++) y[448 + threadIdx.x] += y[64 * b + threadIdx.x];
}
