// A block of one thread waits for nobody but itself.
//@hone launch k grid=(4) block=(1) args=(y)
extern "C" __global__ void k(float *y) {
    __shared__ int seen;
    seen = blockIdx.x;
    __syncthreads();
    __syncwarp();
    const bool good = __shfl_sync(1u, seen, 0) == (int)blockIdx.x && __ballot_sync(1u, 1) == 1u;
    y[blockIdx.x] = good && __syncthreads_count(1) == 1 && __activemask() == 1u;
}
