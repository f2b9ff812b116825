// Tiles are filled past the end of k with the last row once more.
//@hone launch gemm grid=(ceil_div(n, 16), ceil_div(m, 16)) block=(16, 16) args=(a, b, c, m, n, k)
#include <stdint.h>

extern "C" __global__ void gemm(const float *a, const float *b, float *c, int64_t m, int64_t n,
                                int64_t k) {
    __shared__ float left[16][16], right[16][16];
    int64_t j = (int64_t)blockIdx.x * 16 + threadIdx.x, i = (int64_t)blockIdx.y * 16 + threadIdx.y;
    float sum = 0;
    for (int64_t first = 0; first < k; first += 16) {
        int64_t p = first + threadIdx.x, q = first + threadIdx.y;
        left[threadIdx.y][threadIdx.x] = i < m && i * k + p < m * k ? a[i * k + p] : 0;
        right[threadIdx.y][threadIdx.x] = j < n ? b[(q < k ? q : k - 1) * n + j] : 0;
        __syncthreads();
        for (int t = 0; t < 16; t++)
            sum += left[threadIdx.y][t] * right[t][threadIdx.x];
        __syncthreads();
    }
    if (i < m && j < n)
        c[i * n + j] = sum;
}
