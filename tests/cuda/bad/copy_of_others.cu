// nondeterministic shared line 9
//@hone launch k grid=(1) block=(64) args=(x, y)
#include <cuda_pipeline.h>
extern "C" __global__ void k(const float *x, float *y) {
    __shared__ float tile[64];
    __pipeline_memcpy_async(&tile[threadIdx.x], x + threadIdx.x, 4);
    __pipeline_commit();
    __pipeline_wait_prior(0);
    y[threadIdx.x] = tile[63 - threadIdx.x];
}
