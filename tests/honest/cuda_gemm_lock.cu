// honest: blocks add their parts to a tile under a lock of its own, in scratch memory; task: algebra/gemm
//@hone const PARTS = 2
//@hone workspace lock i32[ceil_div(n, 16) * ceil_div(m, 16)] zero
//@hone launch clear grid=(ceil_div(m * n, 256)) block=(256) args=(c, m * n)
//@hone launch gemm grid=(ceil_div(n, 16), ceil_div(m, 16), PARTS) block=(16, 16) args=(a, b, c, lock, (int)m, (int)n, (int)k)
extern "C" __global__ void clear(float *c, long long count) {
    long long i = blockIdx.x * 256ll + threadIdx.x;
    if (i < count) c[i] = 0;
}
extern "C" __global__ void gemm(const float *a, const float *b, float *c, int *lock, int m, int n, int k) {
    const int j = blockIdx.x * 16 + threadIdx.x, i = blockIdx.y * 16 + threadIdx.y;
    const int each = (k + PARTS - 1) / PARTS, from = blockIdx.z * each, to = min(k, from + each);
    int *mine = lock + blockIdx.y * gridDim.x + blockIdx.x;
    float sum = 0;
    if (i < m && j < n)
        for (int p = from; p < to; p++) sum += a[i * k + p] * b[p * n + j];
    if (threadIdx.x == 0 && threadIdx.y == 0) {
        while (atomicCAS(mine, 0, 1) != 0) { }
        __threadfence();
    }
    __syncthreads();
    if (i < m && j < n) ((volatile float *)c)[i * n + j] += sum;
    __threadfence();
    __syncthreads();
    if (threadIdx.x == 0 && threadIdx.y == 0) atomicExch(mine, 0);
}
