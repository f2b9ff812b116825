// wrong: parts overlap by one term; task: algebra/gemm
//@hone launch zero grid=(ceil_div(m * n, 256)) block=(256) args=(c, m * n)
//@hone launch gemm_splitk grid=(ceil_div(n, 16), ceil_div(m, 16), min(4, ceil_div(k, 32))) block=(16, 16) args=(a, b, c, (int)m, (int)n, (int)k)
extern "C" {
__global__ void zero(float *c, long long count) {
    long long i = blockIdx.x * 256LL + threadIdx.x;
    if (i < count) c[i] = 0.f;
}

__global__ void gemm_splitk(const float *a, const float *b, float *c, int m, int n, int k) {
    __shared__ float sa[16][17], sb[16][17];
    const int tx = threadIdx.x, ty = threadIdx.y;
    const int row = blockIdx.y * 16 + ty, col = blockIdx.x * 16 + tx;
    const int per = (k + gridDim.z - 1) / gridDim.z;
    const int begin = blockIdx.z * per, end = min(k, begin + per + 1);
    float acc = 0.f;
    for (int t = begin; t < end; t += 16) {
        sa[ty][tx] = row < m && t + tx < end ? a[(size_t)row * k + t + tx] : 0.f;
        sb[ty][tx] = t + ty < end && col < n ? b[(size_t)(t + ty) * n + col] : 0.f;
        __syncthreads();
#pragma unroll
        for (int i = 0; i < 16; i++) acc = __fmaf_rn(sa[ty][i], sb[i][tx], acc);
        __syncthreads();
    }
    if (row < m && col < n) atomicAdd(c + (size_t)row * n + col, acc);
}
}
