// honest: double precision sums, columns by blocks and rows by warps, memcpy for what a float's bits are; task: algebra/gemv
//@hone launch gemv grid=(ceil_div(m, 2)) block=(32, 2) args=(a, x, y, (int)m, (int)n)
#include <cstring>
__device__ int bits_of(float v) {
    int bits;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}
extern "C" __global__ void gemv(const float *a, const float *x, float *y, int m, int n) {
    const int i = blockIdx.x * blockDim.y + threadIdx.y;
    double sum = 0;
    if (i < m)
        for (int j = threadIdx.x; j < n; j += 32)
            if (bits_of(x[j]) << 1) // a zero adds nothing
                sum += (double)a[(size_t)i * n + j] * x[j];
    for (int o = 16; o; o >>= 1) sum += __shfl_down_sync(0xffffffffu, sum, o);
    if (threadIdx.x == 0 && i < m) y[i] = (float)sum;
}
