// honest: the product into scratch memory, then bias and gelu over it; task: dl/gemm_bias_gelu
//@hone workspace z f32[m * n]
//@hone launch matmul grid=(n, ceil_div(m, 4)) block=(32, 4) args=(x, weight, z, (int)m, (int)n, (int)k)
//@hone launch bias_gelu grid=(ceil_div(m * n, 256)) block=(256) args=(z, bias, y, (int)(m * n), (int)n)
extern "C" __global__ void matmul(const float *x, const float *w, float *z, int m, int n, int k) {
    int row = blockIdx.y * blockDim.y + threadIdx.y, col = blockIdx.x;
    if (row >= m) return;
    float s0 = 0.f, s1 = 0.f;
    for (int p = threadIdx.x; p < k; p += 64) {
        s0 += x[row * k + p] * w[col * k + p];
        if (p + 32 < k) s1 += x[row * k + p + 32] * w[col * k + p + 32];
    }
    float s = s0 + s1;
    for (int mask = 16; mask > 0; mask >>= 1) s += __shfl_xor_sync(0xffffffff, s, mask);
    if (threadIdx.x == 0) z[row * n + col] = s;
}
extern "C" __global__ void bias_gelu(const float *z, const float *bias, float *y, int count, int n) {
    int i = blockDim.x * blockIdx.x + threadIdx.x;
    if (i < count) {
        float v = z[i] + bias[i % n];
        y[i] = v * normcdff(v);
    }
}
