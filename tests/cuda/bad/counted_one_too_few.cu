// nondeterministic race shared line 9 line 14
//@hone launch k grid=(1) block=(128) args=(x, y)
extern "C" __global__ void k(const float *x, float *y) {
    __shared__ int arrived;
    __shared__ float tile[64];
    if (threadIdx.x == 0) arrived = 0;
    __syncthreads();
    if (threadIdx.x < 64) {
        tile[threadIdx.x] = x[threadIdx.x];
        atomicAdd(&arrived, 1);
    } else {
        while (atomicAdd(&arrived, 0) < 64) { }
        __threadfence_block();
        y[threadIdx.x - 64] = tile[127 - threadIdx.x];
    }
}
