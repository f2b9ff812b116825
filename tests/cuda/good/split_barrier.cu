// Arriving and waiting apart, by a counter: half of the block fills, the other half reads.
//@hone launch k grid=(2) block=(128) args=(x, y)
extern "C" __global__ void k(const float *x, float *y) {
    __shared__ int arrived;
    __shared__ float tile[64];
    if (threadIdx.x == 0) arrived = 0;
    __syncthreads();
    if (threadIdx.x < 64) {
        tile[threadIdx.x] = x[threadIdx.x];
        __threadfence_block();
        atomicAdd(&arrived, 1);
        y[blockIdx.x * 128 + threadIdx.x] = 1;
    } else {
        while (atomicAdd(&arrived, 0) < 64) { }
        __threadfence_block();
        y[blockIdx.x * 128 + threadIdx.x] = tile[127 - threadIdx.x] == x[127 - threadIdx.x];
    }
}
