// wrong: columns left of the image are read from the row above; task: dl/conv2d_bias_relu
//@hone launch implicit grid=(ceil_div(n * h * w, 32), ceil_div(o, 32)) block=(32, 8) args=(x, weight, bias, y, (int)n, (int)c, (int)h, (int)w, (int)o)
__device__ __forceinline__ float patch(const float *x, int k, int pixel, int N, int C, int H, int W) {
    const int b = pixel / (H * W), at = pixel % (H * W);
    const int q = k / 9, rest = k % 9, row = at / W + rest / 3 - 1, col = at % W + rest % 3 - 1;
    if (b >= N || q >= C) return 0.f;
    if (row >= H || col >= W || row < 0) return 0.f;
    return x[((b * C + q) * H + row) * W + col];
}

extern "C" __global__ void implicit(const float *x, const float *weight, const float *bias, float *y,
                                    int N, int C, int H, int W, int O) {
    __shared__ float ws[32][33], xs[32][33];
    const int K = C * 9, f0 = blockIdx.y * 32, p0 = blockIdx.x * 32;
    float acc[4] = {0.f, 0.f, 0.f, 0.f};
    for (int k0 = 0; k0 < K; k0 += 32) {
        for (int r = threadIdx.y; r < 32; r += 8) {
            ws[r][threadIdx.x] = f0 + r < O && k0 + threadIdx.x < K ? weight[(f0 + r) * K + k0 + threadIdx.x] : 0.f;
            xs[r][threadIdx.x] = patch(x, k0 + r, p0 + threadIdx.x, N, C, H, W);
        }
        __syncthreads();
        for (int k = 0; k < 32; k++) {
            const float v = xs[k][threadIdx.x];
#pragma unroll
            for (int u = 0; u < 4; u++) acc[u] += ws[threadIdx.y + 8 * u][k] * v;
        }
        __syncthreads();
    }
    const int pixel = p0 + threadIdx.x;
    if (pixel >= N * H * W) return;
#pragma unroll
    for (int u = 0; u < 4; u++) {
        const int f = f0 + threadIdx.y + 8 * u;
        if (f >= O) continue;
        const float v = acc[u] + bias[f];
        y[((size_t)(pixel / (H * W)) * O + f) * H * W + pixel % (H * W)] = v > 0.f ? v : 0.f;
    }
}
