// honest: weights to floats in scratch memory first, then a tiled product; task: llm/w4a16_gemm
//@hone workspace w f32[n * k]
//@hone launch unpack grid=(ceil_div(n * k / 2, 256)) block=(256) args=(weight, scale, w, n * k / 2)
//@hone launch product grid=(ceil_div(n, 16), ceil_div(m, 16)) block=(16, 16) args=(x, w, y, m, n, k)
#include <stdint.h>
__constant__ float levels[16] = {-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7};

extern "C" __global__ void unpack(const uint8_t *weight, const float *scale, float *w, int64_t pairs) {
    const int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= pairs) return;
    const uint8_t q = weight[i];
    const float s = scale[i / 64];
    w[2 * i] = levels[q & 15] * s;
    w[2 * i + 1] = levels[q >> 4] * s;
}

extern "C" __global__ void product(const float *x, const float *w, float *y, int64_t m, int64_t n, int64_t k) {
    __shared__ float a[16][17], b[16][17];
    const int64_t i = blockIdx.y * 16 + threadIdx.y, j = blockIdx.x * 16 + threadIdx.x;
    const int64_t jr = blockIdx.x * 16 + threadIdx.y;
    float sum = 0;
    for (int64_t p = 0; p < k; p += 16) {
        a[threadIdx.y][threadIdx.x] = i < m ? x[i * k + p + threadIdx.x] : 0;
        b[threadIdx.y][threadIdx.x] = jr < n ? w[jr * k + p + threadIdx.x] : 0;
        __syncthreads();
        for (int t = 0; t < 16; t++) sum += a[threadIdx.y][t] * b[threadIdx.x][t];
        __syncthreads();
    }
    if (i < m && j < n) y[i * n + j] = sum;
}
