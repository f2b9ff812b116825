// One thread for every element, reading along rows.
//@hone launch transpose grid=(ceil_div(n, 32), ceil_div(m, 8)) block=(32, 8) args=(x, y, m, n)
#include <stdint.h>

extern "C" __global__ void transpose(const float *x, float *y, int64_t m, int64_t n) {
    int64_t j = (int64_t)blockIdx.x * blockDim.x + threadIdx.x;
    int64_t i = (int64_t)blockIdx.y * blockDim.y + threadIdx.y;
    if (i < m && j < n)
        y[j * m + i] = x[i * n + j];
}
