// nondeterministic copies arrived
//@hone launch k grid=(1) block=(32) args=(x, y)
#include <cuda_pipeline.h>
extern "C" __global__ void k(const float *x, float *y) {
    __shared__ __align__(16) float tile[128];
    __pipeline_memcpy_async(&tile[4 * threadIdx.x], x + 4 * threadIdx.x, 16);
    __pipeline_wait_prior(0);
    __syncthreads();
    y[threadIdx.x] = tile[127 - threadIdx.x];
}
