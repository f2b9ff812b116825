// wrong: the second result of a pair is written past the row; task: dl/conv2d_bias_relu
//@hone launch wino grid=(ceil_div(ceil_div(w, 2) * h, 128), o, n) block=(128) args=(x, weight, bias, y, (int)c, (int)h, (int)w)
extern "C" __global__ void wino(const float *x, const float *weight, const float *bias, float *y,
                                int c, int h, int w) {
    const int pairs = (w + 1) / 2, t = blockIdx.x * blockDim.x + threadIdx.x;
    const int f = blockIdx.y, image = blockIdx.z;
    if (t >= pairs * h) return;
    const int row = t / pairs, col = t % pairs * 2;
    float m0 = 0, m1 = 0, m2 = 0, m3 = 0;
    for (int q = 0; q < c; q++)
        for (int p = 0; p < 3; p++) {
            const int r = row + p - 1;
            if (r < 0 || r >= h) continue;
            const float *in = x + ((size_t)(image * c + q) * h + r) * w;
            const float *g = weight + ((size_t)(f * c + q) * 3 + p) * 3;
            float d[4];
            for (int i = 0; i < 4; i++) {
                const int at = col + i - 1;
                d[i] = at >= 0 && at < w ? in[at] : 0.f;
            }
            const float s = (g[0] + g[2]) * .5f, half = g[1] * .5f;
            m0 += (d[0] - d[2]) * g[0];
            m1 += (d[1] + d[2]) * (s + half);
            m2 += (d[2] - d[1]) * (s - half);
            m3 += (d[1] - d[3]) * g[2];
        }
    float *out = y + ((size_t)(image * gridDim.y + f) * h + row) * w + col;
    out[0] = fmaxf(m0 + m1 + m2 + bias[f], 0.f);
    out[1] = fmaxf(m1 - m2 - m3 + bias[f], 0.f);
}
