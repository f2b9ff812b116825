// honest: all scores into scratch memory, softmax over them in place, then the values; task: llm/attention_prefill
//@hone workspace p f32[b * hq * s * s]
//@hone launch scores grid=(ceil_div(s, 16), ceil_div(s, 16), b * hq) block=(16, 16) args=(q, k, p, (int)hq, (int)hkv, (int)s, (int)d)
//@hone launch normalise grid=(s, b * hq) block=(64) args=(p, (int)s)
//@hone launch values grid=(ceil_div(d, 16), ceil_div(s, 16), b * hq) block=(16, 16) args=(p, v, o, (int)hq, (int)hkv, (int)s, (int)d)
__device__ inline int kv_of(int z, int hq, int hkv) { return z / hq * hkv + z % hq / (hq / hkv); }

extern "C" __global__ void scores(const float *q, const float *k, float *p, int hq, int hkv, int s, int d) {
    int j = blockIdx.x * 16 + threadIdx.x, i = blockIdx.y * 16 + threadIdx.y, z = blockIdx.z;
    if (blockIdx.x > blockIdx.y) return; // the whole tile is in the future
    __shared__ float qs[16][17], ks[16][17];
    float sum = 0;
    for (int e = 0; e < d; e += 16) {
        int jr = blockIdx.x * 16 + threadIdx.y;
        qs[threadIdx.y][threadIdx.x] = i < s && e + threadIdx.x < d ? q[((size_t)z * s + i) * d + e + threadIdx.x] : 0;
        ks[threadIdx.y][threadIdx.x] = jr < s && e + threadIdx.x < d ? k[((size_t)kv_of(z, hq, hkv) * s + jr) * d + e + threadIdx.x] : 0;
        __syncthreads();
        for (int t = 0; t < 16; t++) sum += qs[threadIdx.y][t] * ks[threadIdx.x][t];
        __syncthreads();
    }
    if (i < s && j <= i) p[((size_t)z * s + i) * s + j] = sum / sqrtf((float)d);
}

extern "C" __global__ void normalise(float *p, int s) {
    __shared__ float shared[2];
    int i = blockIdx.x;
    float *row = p + ((size_t)blockIdx.y * s + i) * s, m = -INFINITY, l = 0;
    for (int j = threadIdx.x; j <= i; j += 64) m = fmaxf(m, row[j]);
    for (int x = 16; x; x /= 2) m = fmaxf(m, __shfl_xor_sync(~0u, m, x));
    if (threadIdx.x % 32 == 0) shared[threadIdx.x / 32] = m;
    __syncthreads();
    m = fmaxf(shared[0], shared[1]);
    __syncthreads();
    for (int j = threadIdx.x; j <= i; j += 64) l += row[j] = expf(row[j] - m);
    for (int x = 16; x; x /= 2) l += __shfl_xor_sync(~0u, l, x);
    if (threadIdx.x % 32 == 0) shared[threadIdx.x / 32] = l;
    __syncthreads();
    l = shared[0] + shared[1];
    for (int j = threadIdx.x; j <= i; j += 64) row[j] /= l;
}

extern "C" __global__ void values(const float *p, const float *v, float *o, int hq, int hkv, int s, int d) {
    int e = blockIdx.x * 16 + threadIdx.x, i = blockIdx.y * 16 + threadIdx.y, z = blockIdx.z;
    if (i >= s || e >= d) return;
    float sum = 0;
    for (int j = 0; j <= i; j++)
        sum += p[((size_t)z * s + i) * s + j] * v[((size_t)kv_of(z, hq, hkv) * s + j) * d + e];
    o[((size_t)z * s + i) * d + e] = sum;
}
