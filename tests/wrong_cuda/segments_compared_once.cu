// wrong: nobody tries again where atomicCAS finds that another was first; task: sparse/segment_sum
//@hone launch clear grid=(ceil_div(s * d, 256)) block=(256) args=(y, s * d)
//@hone launch add grid=(ceil_div(n * d, 32)) block=(32) args=(index, v, y, n, d)
#include <stdint.h>
extern "C" __global__ void clear(float *y, int64_t count) { const int64_t i = (int64_t)blockIdx.x * 256 + threadIdx.x; if (i < count) y[i] = 0; }
extern "C" __global__ void add(const int *index, const float *v, float *y, int64_t n, int64_t d) {
    const int64_t i = (int64_t)blockIdx.x * 32 + threadIdx.x;
    if (i < n * d) {
        int *at = (int *)&y[index[i / d] * d + i % d];
        const int was = *at;
        atomicCAS(at, was, __float_as_int(__int_as_float(was) + v[i]));
    }
}
