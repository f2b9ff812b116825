// nondeterministic copies copy line 11 line 7
//@hone launch k grid=(1) block=(32) args=(x, y)
#include <cuda_pipeline.h>
extern "C" __global__ void k(const float *x, float *y) {
    __shared__ __align__(16) float tile[128];
    const int t = threadIdx.x;
    __pipeline_memcpy_async(&tile[4 * t], x + 4 * t, 16);
    __pipeline_commit();
    /* __pipeline_wait_prior(0); */
    __syncthreads();
    y[t] = tile[127 - t];
}
