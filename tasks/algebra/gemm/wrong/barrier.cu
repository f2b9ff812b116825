// No barrier before the tiles are filled again: some threads still read them.
//@hone launch gemm grid=(ceil_div(n, 16), ceil_div(m, 16)) block=(16, 16) args=(a, b, c, m, n, k)
#include <stdint.h>

extern "C" __global__ void gemm(const float *a, const float *b, float *c, int64_t m, int64_t n,
                                int64_t k) {
    __shared__ float left[16][16], right[16][16];
    int64_t j = (int64_t)blockIdx.x * 16 + threadIdx.x, i = (int64_t)blockIdx.y * 16 + threadIdx.y;
    float sum = 0;
    for (int64_t first = 0; first < k; first += 16) {
        int64_t p = first + threadIdx.x, q = first + threadIdx.y;
        left[threadIdx.y][threadIdx.x] = i < m && p < k ? a[i * k + p] : 0;
        right[threadIdx.y][threadIdx.x] = q < k && j < n ? b[q * n + j] : 0;
        __syncthreads();
        for (int t = 0; t < 16; t++)
            sum += left[threadIdx.y][t] * right[t][threadIdx.x];
    }
    if (i < m && j < n)
        c[i * n + j] = sum;
}
