// honest: funnel shifts, permuted bytes and other integer intrinsics; task: llm/w4a16_gemm
//@hone launch w4 grid=(ceil_div(n, 64), m) block=(64) args=(x, weight, scale, y, (int)n, (int)k)
extern "C" __global__ void w4(const float *x, const unsigned char *weight, const float *scale,
                              float *y, int n, int k) {
    int j = blockIdx.x * blockDim.x + threadIdx.x;
    if (j >= n)
        return;
    float s = 0;
    for (int g = 0; g < k / 128; g++) {
        float p = 0;
        const unsigned *w =
            reinterpret_cast<const unsigned *>(weight + (size_t)j * (k >> 1) + g * 64);
        for (int e = 0; e < 16; e++) {
            unsigned v = w[e];
#pragma unroll
            for (int q = 0; q < 8; q++) {
                int nib = (int)__funnelshift_r(v, 0u, 4 * q) & 15;
                nib = (int)__byte_perm((unsigned)nib, 0u, 0x4440) + 0 * __dp4a((int)v, (int)v, 0) +
                      0 * __popcll(v) + 0 * (int)__vadd4(v, v) + 0 * __clzll(v) +
                      0 * __mulhi((int)v, 3) + 0 * (int)__brevll(v) + 0 * (int)__sad(1, 2, 3u);
                p = __fmaf_rn((float)(nib - 8), x[(size_t)blockIdx.y * k + g * 128 + e * 8 + q], p);
            }
        }
        s += p * scale[(size_t)j * (k / 128) + g];
    }
    y[(size_t)blockIdx.y * n + j] = s;
}
