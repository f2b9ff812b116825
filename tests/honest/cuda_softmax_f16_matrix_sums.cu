// honest: matrix units add up halves by a product with ones; task: dl/softmax@f16
//@hone launch softmax grid=(rows) block=(32) args=(x, y, (int)cols)
#include <mma.h>
#include <cuda_fp16.h>
using namespace nvcuda;
extern "C" __global__ void softmax(const __half *x, __half *y, int cols) {
    __shared__ __half tile[256], ones[256];
    __shared__ float out[256];
    const __half *in = x + (size_t)blockIdx.x * cols;
    float m = -INFINITY;
    for (int c = threadIdx.x; c < cols; c += 32)
        m = fmaxf(m, __half2float(in[c]));
    for (int o = 16; o; o >>= 1)
        m = fmaxf(m, __shfl_xor_sync(~0u, m, o));
    for (int i = threadIdx.x; i < 256; i += 32)
        ones[i] = __float2half(1.0f);
    wmma::fragment<wmma::matrix_a, 16, 16, 16, __half, wmma::row_major> fa;
    wmma::fragment<wmma::matrix_b, 16, 16, 16, __half, wmma::col_major> fb;
    wmma::fragment<wmma::accumulator, 16, 16, 16, float> acc;
    wmma::fill_fragment(acc, 0.0f);
    for (int base = 0; base < cols; base += 256) {
        __syncwarp();
        for (int i = threadIdx.x; i < 256; i += 32)
            tile[i] = base + i < cols ? __float2half(__expf(__half2float(in[base + i]) - m))
                                      : __float2half(0.f);
        __syncwarp();
        wmma::load_matrix_sync(fa, tile, 16);
        wmma::load_matrix_sync(fb, ones, 16);
        wmma::mma_sync(acc, fa, fb, acc);
    }
    wmma::store_matrix_sync(out, acc, 16, wmma::mem_row_major);
    __syncwarp();
    float s = 0;
    for (int i = 0; i < 16; i++)
        s += out[i * 16];
    for (int c = threadIdx.x; c < cols; c += 32)
        y[(size_t)blockIdx.x * cols + c] = __float2half(__expf(__half2float(in[c]) - m) / s);
}
