// honest: Winograd's algorithm, with fewer products than the cost of the task; task: dl/conv2d_bias_relu
/* F(2, 3) along rows: two results from four products (Lavin and Gray, 2016). */
void solve(const float *x, const float *weight, const float *bias, float *y, int64_t n, int64_t c,
           int64_t h, int64_t w, int64_t o) {
    for (int64_t plane = 0; plane < n * o; plane++) {
        const int64_t b = plane / o, f = plane % o;
        float *out = y + plane * h * w;
        for (int64_t i = 0; i < h * w; i++)
            out[i] = bias[f];
        for (int64_t q = 0; q < c; q++)
            for (int64_t p = 0; p < 3; p++) {
                const float *g = weight + ((f * c + q) * 3 + p) * 3;
                const float sum = (g[0] + g[1] + g[2]) / 2, other = (g[0] - g[1] + g[2]) / 2;
                for (int64_t i = p == 0; i < h && i + p - 1 < h; i++) {
                    const float *in = x + ((b * c + q) * h + i + p - 1) * w;
                    for (int64_t j = 0; j < w; j += 2) {
                        float d0 = j ? in[j - 1] : 0, d1 = in[j];
                        float d2 = j + 1 < w ? in[j + 1] : 0, d3 = j + 2 < w ? in[j + 2] : 0;
                        float m1 = (d0 - d2) * g[0], m2 = (d1 + d2) * sum;
                        float m3 = (d2 - d1) * other, m4 = (d1 - d3) * g[2];
                        out[i * w + j] += m1 + m2 + m3;
                        if (j + 1 < w)
                            out[i * w + j + 1] += m2 - m3 - m4;
                    }
                }
            }
        for (int64_t i = 0; i < h * w; i++)
            out[i] = out[i] > 0 ? out[i] : 0;
    }
}
