// honest: blocks add their parts in order, each waits for its turn; task: algebra/gemm
//@hone const SPLIT = 3
//@hone workspace turn i32[ceil_div(m, 16) * ceil_div(n, 16)] zero
//@hone launch gemm grid=(ceil_div(n, 16), ceil_div(m, 16), SPLIT) block=(16, 16) args=(a, b, c, turn, (int)m, (int)n, (int)k)
extern "C" __global__ void gemm(const float *a, const float *b, float *c, int *turn, int m, int n,
                                int k) {
    int r = blockIdx.y * 16 + threadIdx.y, q = blockIdx.x * 16 + threadIdx.x;
    int chunk = (k + SPLIT - 1) / SPLIT, from = blockIdx.z * chunk, to = min(k, from + chunk);
    int *mine = turn + blockIdx.y * gridDim.x + blockIdx.x;
    float s = 0;
    if (r < m && q < n)
        for (int p = from; p < to; p++)
            s += a[(int64_t)r * k + p] * b[(int64_t)p * n + q];
    if (threadIdx.x == 0 && threadIdx.y == 0)
        while (atomicAdd(mine, 0) != (int)blockIdx.z) {
        }
    __threadfence();
    __syncthreads();
    if (r < m && q < n) {
        volatile float *out = c + (int64_t)r * n + q;
        *out = blockIdx.z ? *out + s : s;
    }
    __threadfence();
    __syncthreads();
    if (threadIdx.x == 0 && threadIdx.y == 0)
        atomicExch(mine, blockIdx.z + 1);
}
