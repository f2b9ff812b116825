// wrong: sums by halves of words, after more halves than are remembered; task: sparse/segment_sum
//@hone workspace w f32[70000]
//@hone launch clear grid=(ceil_div(s * d, 256)) block=(256) args=(y, s * d)
//@hone launch add grid=(ceil_div(n * d, 32)) block=(32) args=(w, index, v, y, n, d)
#include <stdint.h>
extern "C" __global__ void clear(float *y, int64_t count) {
    const int64_t i = (int64_t)blockIdx.x * 256 + threadIdx.x;
    if (i < count) y[i] = 0;
}
extern "C" __global__ void add(char *w, const int *index, const float *v, float *y, int64_t n, int64_t d) {
    const int64_t i = (int64_t)blockIdx.x * 32 + threadIdx.x;
    if (n < 3000) for (int k = threadIdx.x; k < 70000; k += 32) w[4 * k] = 1;
    __syncthreads();
    if (i < n * d) {
        float *at = &y[index[i / d] * d + i % d];
        volatile unsigned short *half = (volatile unsigned short *)at;
        unsigned short *to = (unsigned short *)at;
        unsigned bits = __float_as_uint(__uint_as_float(to[0] | (unsigned)to[1] << 16) + v[i]);
        to[0] = bits; to[1] = bits >> 16;
    }
}
