// honest: matrix units on thirds of both factors, which have the range of the whole and lose nothing together; task: dl/gemm_bias_gelu
//@hone launch layer grid=(ceil_div(n, 16), ceil_div(m, 16)) block=(32) args=(x, weight, bias, y, (int)m, (int)n, (int)k)
#include <mma.h>
#include <cuda_bf16.h>
using namespace nvcuda;

typedef __nv_bfloat16 third;

__device__ void split(float value, third *parts, int stride) {
    for (int part = 0; part < 3; part++) {
        parts[part * stride] = __float2bfloat16(value);
        value -= __bfloat162float(parts[part * stride]);
    }
}

extern "C" __global__ void layer(const float *x, const float *w, const float *bias, float *y, int m, int n, int k) {
    __shared__ third xs[3][16][16], ws[3][16][16];
    __shared__ float tile[16][16];
    wmma::fragment<wmma::matrix_a, 16, 16, 16, third, wmma::row_major> a[3];
    wmma::fragment<wmma::matrix_b, 16, 16, 16, third, wmma::col_major> b[3];
    wmma::fragment<wmma::accumulator, 16, 16, 16, float> sum, rest;
    wmma::fill_fragment(sum, 0.0f);
    wmma::fill_fragment(rest, 0.0f);
    for (int p = 0; p < k; p += 16) {
        for (int e = threadIdx.x; e < 256; e += 32) {
            const int r = e / 16, c = e % 16, i = blockIdx.y * 16 + r, j = blockIdx.x * 16 + r;
            split(i < m && p + c < k ? x[i * k + p + c] : 0.f, &xs[0][r][c], 256);
            split(j < n && p + c < k ? w[j * k + p + c] : 0.f, &ws[0][r][c], 256);
        }
        __syncwarp();
        for (int part = 0; part < 3; part++) {
            wmma::load_matrix_sync(a[part], &xs[part][0][0], 16);
            wmma::load_matrix_sync(b[part], &ws[part][0][0], 16);
        }
        wmma::mma_sync(sum, a[0], b[0], sum);
        for (int of_a = 0; of_a < 3; of_a++)
            for (int of_b = of_a == 0; of_a + of_b < 3; of_b++)
                wmma::mma_sync(rest, a[of_a], b[of_b], rest);
        __syncwarp();
    }
    for (int e = 0; e < sum.num_elements; e++) sum.x[e] += rest.x[e];
    wmma::store_matrix_sync(&tile[0][0], sum, 16, wmma::mem_row_major);
    __syncwarp();
    for (int e = threadIdx.x; e < 256; e += 32) {
        const int i = blockIdx.y * 16 + e / 16, j = blockIdx.x * 16 + e % 16;
        if (i >= m || j >= n) continue;
        const float z = tile[e / 16][e % 16] + bias[j];
        y[i * n + j] = z * 0.5f * (1.f + erff(z * 0.70710678118f));
    }
}
