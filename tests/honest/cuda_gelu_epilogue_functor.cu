// honest: the epilogue is a template's argument, float4 in shared memory; task: dl/gemm_bias_gelu
//@hone launch linear_gelu grid=(ceil_div(n, 32), ceil_div(m, 32)) block=(8, 8) args=(x, weight, bias, y, m, n, k)
#include <cstdint>
#include <cmath>

struct Gelu {
    __device__ __forceinline__ float operator()(float v) const {
        return 0.5f * v * (1.0f + erff(v * static_cast<float>(M_SQRT1_2)));
    }
};

template <int Tile, typename Epilogue>
__device__ void linear(const float* x, const float* w, const float* bias, float* y, int64_t m,
                       int64_t n, int64_t k, Epilogue epilogue) {
    static_assert(Tile % 4 == 0, "vectors of four");
    __shared__ float4 xs[Tile][Tile / 4];
    __shared__ float4 ws[Tile][Tile / 4 + 1];
    const int64_t i0 = static_cast<int64_t>(blockIdx.y) * Tile, j0 = static_cast<int64_t>(blockIdx.x) * Tile;
    const unsigned tid = threadIdx.y * blockDim.x + threadIdx.x;
    float acc[4][4] = {};
    for (int64_t k0 = 0; k0 < k; k0 += Tile) {
        for (unsigned e = tid; e < Tile * Tile; e += 64) {
            const int r = e / Tile, c = e % Tile;
            reinterpret_cast<float*>(&xs[r][0])[c] = (i0 + r < m && k0 + c < k) ? x[(i0 + r) * k + k0 + c] : 0.f;
            reinterpret_cast<float*>(&ws[r][0])[c] = (j0 + r < n && k0 + c < k) ? w[(j0 + r) * k + k0 + c] : 0.f;
        }
        __syncthreads();
        for (int q = 0; q < Tile / 4; ++q) {
            float4 a[4], b[4];
#pragma unroll
            for (int u = 0; u < 4; ++u) a[u] = xs[threadIdx.y + 8 * u][q];
#pragma unroll
            for (int u = 0; u < 4; ++u) b[u] = ws[threadIdx.x + 8 * u][q];
#pragma unroll
            for (int u = 0; u < 4; ++u)
#pragma unroll
                for (int v = 0; v < 4; ++v)
                    acc[u][v] += a[u].x * b[v].x + a[u].y * b[v].y + a[u].z * b[v].z + a[u].w * b[v].w;
        }
        __syncthreads();
    }
    for (int u = 0; u < 4; ++u)
        for (int v = 0; v < 4; ++v) {
            const int64_t i = i0 + threadIdx.y + 8 * u, j = j0 + threadIdx.x + 8 * v;
            if (i < m && j < n) y[i * n + j] = epilogue(acc[u][v] + __ldg(bias + j));
        }
}

extern "C" __global__ void linear_gelu(const float* x, const float* weight, const float* bias,
                                       float* y, int64_t m, int64_t n, int64_t k) {
    linear<32>(x, weight, bias, y, m, n, k, Gelu{});
}
