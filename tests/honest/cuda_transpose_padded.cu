// honest: tiles in shared memory with a column that is never used; task: algebra/transpose
//@hone launch transpose grid=(ceil_div(n, 32), ceil_div(m, 32)) block=(32, 8) args=(x, y, m, n)
#include <stdint.h>

extern "C" __global__ void transpose(const float *x, float *y, int64_t m, int64_t n) {
    __shared__ float tile[32][33];
    int64_t j = (int64_t)blockIdx.x * 32 + threadIdx.x, i = (int64_t)blockIdx.y * 32;
    for (int r = threadIdx.y; r < 32; r += 8)
        if (i + r < m && j < n)
            tile[r][threadIdx.x] = x[(i + r) * n + j];
    __syncthreads();
    int64_t column = (int64_t)blockIdx.x * 32, row = i + threadIdx.x;
    for (int r = threadIdx.y; r < 32; r += 8)
        if (row < m && column + r < n)
            y[(column + r) * m + row] = tile[threadIdx.x][r];
}
