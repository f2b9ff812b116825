// honest: a lock for each segment, whose sum is then added to plainly; task: sparse/segment_sum
//@hone workspace lock i32[s] zero
//@hone launch clear grid=(ceil_div(s * d, 256)) block=(256) args=(y, s * d)
//@hone launch add grid=(ceil_div(n, 64)) block=(64) args=(index, v, y, lock, n, d)
#include <stdint.h>

extern "C" __global__ void clear(float *y, int64_t count) {
    const int64_t i = blockIdx.x * 256ll + threadIdx.x;
    if (i < count) y[i] = 0;
}

extern "C" __global__ void add(const int *index, const float *v, float *y, int *lock, int64_t n, int64_t d) {
    const int64_t i = blockIdx.x * 64ll + threadIdx.x;
    for (bool done = i >= n; !done;)
        if (atomicCAS(&lock[index[i]], 0, 1) == 0) {
            __threadfence();
            for (int64_t j = 0; j < d; j++) y[index[i] * d + j] += v[i * d + j];
            __threadfence();
            atomicExch(&lock[index[i]], 0);
            done = true;
        }
}
