// The last block adds what thread 0 of each has left, as in the toolkit's sample of fences.
//@hone launch k grid=(8) block=(64) args=(x, y)
__device__ unsigned ticket;
__device__ volatile float part[8];
extern "C" __global__ void k(const float *x, float *y) {
    __shared__ float sum[64];
    __shared__ bool last;
    sum[threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    for (int half = 32; half > 0; half /= 2) {
        if (threadIdx.x < half) sum[threadIdx.x] += sum[threadIdx.x + half];
        __syncthreads();
    }
    if (threadIdx.x == 0) {
        part[blockIdx.x] = sum[0];
        __threadfence();
        last = atomicInc(&ticket, gridDim.x - 1) == gridDim.x - 1;
    }
    __syncthreads();
    if (!last) return;
    float all = 0;
    for (int b = 0; b < 8; b++) all += part[b];
    for (int i = threadIdx.x; i < 512; i += 64) y[i] = all == 8 * 2016;
}
