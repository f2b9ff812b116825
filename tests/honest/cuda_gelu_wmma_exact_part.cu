// honest: matrix units for the high halves of both factors, plain products for what they lose; task: dl/gemm_bias_gelu
//@hone launch layer grid=(ceil_div(n, 16), ceil_div(m, 16)) block=(32) args=(x, weight, bias, y, (int)m, (int)n, (int)k)
#include <mma.h>
#include <cuda_fp16.h>
using namespace nvcuda;

extern "C" __global__ void layer(const float *x, const float *w, const float *bias, float *y, int m, int n, int k) {
    __shared__ half xh[16][16], wh[16][16], xl[16][16], wl[16][16];
    __shared__ float tile[16][16];
    wmma::fragment<wmma::matrix_a, 16, 16, 16, half, wmma::row_major> fa, fal;
    wmma::fragment<wmma::matrix_b, 16, 16, 16, half, wmma::col_major> fb, fbl;
    wmma::fragment<wmma::accumulator, 16, 16, 16, float> acc;
    wmma::fill_fragment(acc, 0.0f);
    for (int p = 0; p < k; p += 16) {
        for (int e = threadIdx.x; e < 256; e += 32) {
            const int r = e / 16, c = e % 16, i = blockIdx.y * 16 + r, j = blockIdx.x * 16 + r;
            const float a = i < m && p + c < k ? x[i * k + p + c] : 0.f;
            const float b = j < n && p + c < k ? w[j * k + p + c] : 0.f;
            xh[r][c] = __float2half(a);
            wh[r][c] = __float2half(b);
            xl[r][c] = __float2half((a - __half2float(xh[r][c])) * 2048.f);
            wl[r][c] = __float2half((b - __half2float(wh[r][c])) * 2048.f);
        }
        __syncwarp();
        wmma::fragment<wmma::accumulator, 16, 16, 16, float> low;
        wmma::fill_fragment(low, 0.0f);
        wmma::load_matrix_sync(fa, &xh[0][0], 16);
        wmma::load_matrix_sync(fb, &wh[0][0], 16);
        wmma::load_matrix_sync(fal, &xl[0][0], 16);
        wmma::load_matrix_sync(fbl, &wl[0][0], 16);
        wmma::mma_sync(acc, fa, fb, acc);
        wmma::mma_sync(low, fa, fbl, low);
        wmma::mma_sync(low, fal, fb, low);
        for (int e = 0; e < acc.num_elements; e++) acc.x[e] += low.x[e] / 2048.f;
        __syncwarp();
    }
    wmma::store_matrix_sync(&tile[0][0], acc, 16, wmma::mem_row_major);
    __syncwarp();
    for (int e = threadIdx.x; e < 256; e += 32) {
        const int i = blockIdx.y * 16 + e / 16, j = blockIdx.x * 16 + e % 16;
        if (i >= m || j >= n) continue;
        const float z = tile[e / 16][e % 16] + bias[j];
        y[i * n + j] = z * 0.5f * (1.f + erff(z * 0.70710678118f));
    }
}
