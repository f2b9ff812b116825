// wrong: threads read whether they are last before it is written; task: algebra/gemm
//@hone const SPLITS = 3
//@hone workspace partial f32[SPLITS * m * n]
//@hone workspace arrived i32[ceil_div(m, 16) * ceil_div(n, 16)] zero
//@hone launch gemm grid=(ceil_div(n, 16), ceil_div(m, 16), SPLITS) block=(16, 16) args=(a, b, c, partial, arrived, (int)m, (int)n, (int)k)
#include <cstdint>

extern "C" __global__ void gemm(const float *__restrict__ a, const float *__restrict__ b,
                                float *__restrict__ c, volatile float *partial,
                                unsigned int *arrived, int m, int n, int k) {
    __shared__ float sa[16][16 + 1], sb[16][16 + 1];
    __shared__ bool last;
    int tx = threadIdx.x, ty = threadIdx.y;
    int row = blockIdx.y * 16 + ty, col = blockIdx.x * 16 + tx;
    int chunk = (k + SPLITS - 1) / SPLITS;
    int from = blockIdx.z * chunk, to = min(k, from + chunk);
    float acc = 0.0f;
    for (int p = from; p < to; p += 16) {
        sa[ty][tx] = (row < m && p + tx < to) ? a[row * k + p + tx] : 0.0f;
        sb[ty][tx] = (col < n && p + ty < to) ? b[(p + ty) * n + col] : 0.0f;
        __syncthreads();
        for (int q = 0; q < 16; q++)
            acc += sa[ty][q] * sb[q][tx];
        __syncthreads();
    }
    if (row < m && col < n)
        partial[((size_t)blockIdx.z * m + row) * n + col] = acc;
    __threadfence();
    __syncthreads();
    if (tx == 0 && ty == 0) {
        unsigned int ticket = atomicAdd(&arrived[blockIdx.y * gridDim.x + blockIdx.x], 1u);
        last = ticket == gridDim.z - 1;
    }
    if (!last)
        return;
    __threadfence();
    if (row < m && col < n) {
        float sum = 0.0f;
        for (int s = 0; s < SPLITS; s++)
            sum += partial[((size_t)s * m + row) * n + col];
        c[row * n + col] = sum;
    }
}
