// nondeterministic race shared __syncthreads()
//@hone launch k grid=(1) block=(64) args=(x, y)
#include <cuda_pipeline.h>
extern "C" __global__ void k(const float *x, float *y) {
    __shared__ float tile[64];
    float sum = 0;
    for (int s = 0; s < 3; s++) {
        __pipeline_memcpy_async(&tile[threadIdx.x], x + 64 * s + threadIdx.x, 4);
        __pipeline_commit();
        __pipeline_wait_prior(0);
        __syncthreads();
        sum += tile[63 - threadIdx.x];
    }
    y[threadIdx.x] = sum;
}
