// The tile is read before all of it is there: no barrier.
//@hone launch transpose grid=(ceil_div(n, 32), ceil_div(m, 32)) block=(32, 8) args=(x, y, m, n)
#include <stdint.h>

extern "C" __global__ void transpose(const float *x, float *y, int64_t m, int64_t n) {
    __shared__ float tile[32][33];
    int64_t column = (int64_t)blockIdx.x * 32, row = (int64_t)blockIdx.y * 32;
    for (int64_t i = threadIdx.y; i < 32; i += 8)
        if (row + i < m && column + threadIdx.x < n)
            tile[i][threadIdx.x] = x[(row + i) * n + column + threadIdx.x];
    for (int64_t j = threadIdx.y; j < 32; j += 8)
        if (column + j < n && row + threadIdx.x < m)
            y[(column + j) * m + row + threadIdx.x] = tile[threadIdx.x][j];
}
