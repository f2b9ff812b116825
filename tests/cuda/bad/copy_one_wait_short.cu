// nondeterministic copies arrived
//@hone launch k grid=(1) block=(32) args=(x, y)
#include <cuda_pipeline.h>
extern "C" __global__ void k(const float *x, float *y) {
    __shared__ __align__(16) float tile[2][128];
    const int t = threadIdx.x;
    for (int s = 0; s < 2; s++) {
        __pipeline_memcpy_async(&tile[s][4 * t], x + 128 * s + 4 * t, 16);
        __pipeline_commit();
    }
    float sum = 0;
    for (int s = 0; s < 2; s++) {
        __pipeline_wait_prior(1);
        __syncthreads();
        sum += tile[s][127 - t];
    }
    y[t] = sum;
}
