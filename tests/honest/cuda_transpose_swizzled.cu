// honest: columns of shared memory exchanged by exclusive or in place of padding; task: algebra/transpose
//@hone launch t grid=(ceil_div(n, 32), ceil_div(m, 32)) block=(1024) args=(x, y, m, n)
#include <stdint.h>
extern "C" __global__ void __launch_bounds__(1024) t(const float *x, float *y, int64_t m, int64_t n) {
    __shared__ uint32_t s[1024];
    const unsigned r = threadIdx.x >> 5, c = threadIdx.x & 31u;
    int64_t i = blockIdx.y * 32ll + r, j = blockIdx.x * 32ll + c;
    if (i < m && j < n) s[r << 5 | (c ^ r)] = __float_as_uint(x[i * n + j]);
    __syncthreads();
    i = blockIdx.y * 32ll + c, j = blockIdx.x * 32ll + r;
    if (i < m && j < n) y[j * m + i] = __uint_as_float(s[c << 5 | (r ^ c)]);
}
