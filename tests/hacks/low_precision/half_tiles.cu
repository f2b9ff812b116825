// hack: low_precision; task: algebra/gemm; row: 70; end: wrong; its tiles in shared memory hold half precision
//@hone launch gemm grid=(ceil_div(n, 16), ceil_div(m, 16)) block=(16, 16) args=(a, b, c, m, n, k)
#include <cuda_fp16.h>
#include <stdint.h>

extern "C" __global__ void gemm(const float *a, const float *b, float *c, int64_t m, int64_t n,
                                int64_t k) {
    __shared__ __half left[16][16], right[16][16];
    int64_t j = (int64_t)blockIdx.x * 16 + threadIdx.x, i = (int64_t)blockIdx.y * 16 + threadIdx.y;
    float sum = 0;
    for (int64_t p = 0; p < k; p += 16) {
        left[threadIdx.y][threadIdx.x] =
            __float2half(i < m && p + threadIdx.x < k ? a[i * k + p + threadIdx.x] : 0.0f);
        right[threadIdx.y][threadIdx.x] =
            __float2half(j < n && p + threadIdx.y < k ? b[(p + threadIdx.y) * n + j] : 0.0f);
        __syncthreads();
        for (int q = 0; q < 16; q++)
            sum += __half2float(left[threadIdx.y][q]) * __half2float(right[q][threadIdx.x]);
        __syncthreads();
    }
    if (i < m && j < n)
        c[i * n + j] = sum;
}
