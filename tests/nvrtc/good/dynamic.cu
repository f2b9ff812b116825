extern __shared__ float storage[];
__constant__ float scale[2] = {1, 2};
extern "C" __global__ void first(const float *x, float *part) {
    storage[threadIdx.x] = x[threadIdx.x] * scale[threadIdx.x & 1];
    __syncthreads();
    if (threadIdx.x == 0)
        part[blockIdx.x] = storage[0] + storage[blockDim.x - 1];
}
extern "C" __global__ void second(const float *part, float *y) {
    y[0] = part[0];
}
