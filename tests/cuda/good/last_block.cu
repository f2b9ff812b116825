// The block that comes last reads what the others have left.
//@hone launch k grid=(8) block=(32) args=(y)
__device__ unsigned ticket;
extern "C" __global__ void k(float *y) {
    __shared__ bool last;
    y[blockIdx.x * 32 + threadIdx.x] = blockIdx.x;
    __threadfence();
    __syncthreads();
    if (threadIdx.x == 0)
        last = atomicInc(&ticket, 7) == 7;
    __syncthreads();
    for (int i = threadIdx.x; last && i < 256; i += 32)
        y[i] = y[i] == i / 32;
}
