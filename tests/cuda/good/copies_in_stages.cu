// Three buffers, filled by asynchronous copies two stages ahead.
//@hone launch k grid=(2) block=(32) args=(x, y)
#include <cuda_pipeline.h>
extern "C" __global__ void k(const float *x, float *y) {
    __shared__ __align__(16) float tile[3][128];
    const int t = threadIdx.x;
    for (int s = 0; s < 2; s++) {
        __pipeline_memcpy_async(&tile[s][4 * t], x + 128 * s + 4 * t, 16);
        __pipeline_commit();
    }
    float wrong = 0;
    for (int s = 0; s < 8; s++) {
        if (s + 2 < 8)
            __pipeline_memcpy_async(&tile[(s + 2) % 3][4 * t], x + 128 * (s + 2) + 4 * t, 16);
        __pipeline_commit();
        __pipeline_wait_prior(2);
        __syncthreads();
        wrong += tile[s % 3][127 - t] != x[128 * s + 127 - t];
        __syncthreads();
    }
    y[blockIdx.x * 32 + t] = wrong == 0;
}
