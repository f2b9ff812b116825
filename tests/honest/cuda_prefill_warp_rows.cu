// honest: a warp for every query, lanes over keys for scores and over columns for values; task: llm/attention_prefill
//@hone launch attend grid=(ceil_div(s, 4), b * hq) block=(32, 4) args=(q, k, v, o, (int)hq, (int)hkv, (int)s, (int)d)
extern "C" __global__ void attend(const float *q, const float *k, const float *v, float *o, int hq,
                                  int hkv, int s, int d) {
    const unsigned full = 0xffffffffu;
    const int i = blockIdx.x * 4 + threadIdx.y, lane = threadIdx.x;
    if (i >= s) return;
    const int batch = blockIdx.y / hq, head = blockIdx.y % hq, group = head / (hq / hkv);
    const float *qi = q + ((size_t)blockIdx.y * s + i) * d;
    const float *kb = k + (size_t)(batch * hkv + group) * s * d;
    const float *vb = v + (size_t)(batch * hkv + group) * s * d;
    float *oi = o + ((size_t)blockIdx.y * s + i) * d;
    float acc[8] = {0, 0, 0, 0, 0, 0, 0, 0}, m = -1e30f, l = 0.f;
    for (int base = 0; base <= i; base += 32) {
        const int j = base + lane;
        float score = -1e30f;
        if (j <= i) {
            score = 0.f;
            for (int e = 0; e < d; e++) score += qi[e] * kb[(size_t)j * d + e];
            score *= rsqrtf(float(d));
        }
        float top = score;
        for (int x = 16; x; x >>= 1) top = fmaxf(top, __shfl_xor_sync(full, top, x));
        top = fmaxf(top, m);
        const float p = j <= i ? __expf(score - top) : 0.f, keep = __expf(m - top);
        float sum = p;
        for (int x = 16; x; x >>= 1) sum += __shfl_xor_sync(full, sum, x);
        l = l * keep + sum;
        for (int u = 0; u < 8; u++) acc[u] *= keep;
        const int count = min(32, i - base + 1);
        for (int t = 0; t < count; t++) {
            const float weight = __shfl_sync(full, p, t);
            for (int u = 0; u < 8; u++)
                if (lane + 32 * u < d) acc[u] += weight * vb[(size_t)(base + t) * d + lane + 32 * u];
        }
        m = top;
    }
    for (int u = 0; u < 8; u++)
        if (lane + 32 * u < d) oi[lane + 32 * u] = acc[u] / l;
}
