// wrong: a lock between blocks with a fence for one; task: sparse/segment_sum
//@hone workspace lock i32[s] zero
//@hone launch clear grid=(ceil_div(s * d, 256)) block=(256) args=(y, s * d)
//@hone launch add grid=(n) block=(32) args=(index, v, y, lock, n, d)
#include <stdint.h>
extern "C" __global__ void clear(float *y, int64_t count) { const int64_t i = (int64_t)blockIdx.x * 256 + threadIdx.x; if (i < count) y[i] = 0; }
extern "C" __global__ void add(const int *index, const float *v, float *y, int *lock, int64_t n, int64_t d) {
    const int64_t i = blockIdx.x;
    const int g = index[i];
    if (threadIdx.x == 0) while (atomicCAS(&lock[g], 0, 1)) {}
    __syncthreads();
    for (int64_t j = threadIdx.x; j < d; j += 32) y[g * d + j] += v[i * d + j];
    __syncthreads();
    __threadfence_block();
    __syncthreads();
    if (threadIdx.x == 0) atomicExch(&lock[g], 0);
}
