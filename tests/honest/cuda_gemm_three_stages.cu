// honest: three buffers in shared memory, two of them on their way; task: algebra/gemm
//@hone launch gemm_pipelined grid=(ceil_div(n, 32), ceil_div(m, 32)) block=(32, 8) args=(a, b, c, (int)m, (int)n, (int)k)
#include <cuda_pipeline.h>

constexpr int TILE = 32;
constexpr int STAGES = 3;

__device__ void load_tile(float (*dst)[TILE], const float *src, int rows, int cols, int r0, int c0) {
    for (int r = threadIdx.y; r < TILE; r += 8) {
        const bool in = r0 + r < rows && c0 + (int)threadIdx.x < cols;
        const float *from = in ? src + (size_t)(r0 + r) * cols + c0 + threadIdx.x : src;
        __pipeline_memcpy_async(&dst[r][threadIdx.x], from, sizeof(float), in ? 0 : sizeof(float));
    }
}

extern "C" __global__ void gemm_pipelined(const float *a, const float *b, float *c, int m, int n,
                                          int k) {
    __shared__ __align__(16) float as[STAGES][TILE][TILE];
    __shared__ __align__(16) float bs[STAGES][TILE][TILE];
    float acc[4] = {};
    const int tiles = (k + TILE - 1) / TILE, r0 = blockIdx.y * TILE, c0 = blockIdx.x * TILE;
    for (int s = 0; s < STAGES - 1; ++s) {
        load_tile(as[s], a, m, k, r0, s * TILE);
        load_tile(bs[s], b, k, n, s * TILE, c0);
        __pipeline_commit();
    }
    for (int t = 0; t < tiles; ++t) {
        if (t + STAGES - 1 < tiles) {
            load_tile(as[(t + 2) % STAGES], a, m, k, r0, (t + 2) * TILE);
            load_tile(bs[(t + 2) % STAGES], b, k, n, (t + 2) * TILE, c0);
        }
        __pipeline_commit();
        __pipeline_wait_prior(STAGES - 1);
        __syncthreads();
        #pragma unroll
        for (int q = 0; q < TILE; ++q)
            #pragma unroll
            for (int i = 0; i < 4; ++i)
                acc[i] += as[t % STAGES][threadIdx.y + 8 * i][q] * bs[t % STAGES][q][threadIdx.x];
        __syncthreads();
    }
    #pragma unroll
    for (int i = 0; i < 4; ++i) {
        const int row = r0 + threadIdx.y + 8 * i, col = c0 + threadIdx.x;
        if (row < m && col < n) c[(size_t)row * n + col] = acc[i];
    }
}
