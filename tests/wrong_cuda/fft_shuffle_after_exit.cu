// wrong: lanes past a short signal break out with others; task: sci/fft
//@hone workspace twiddle f32[2 * n]
//@hone launch make_twiddles grid=(ceil_div(n, 128)) block=(128) args=(twiddle, (int)n)
//@hone launch fft grid=(batch) block=(128) shared=n * 8 args=(x, y, twiddle, (int)n)
extern "C" __global__ void make_twiddles(float2 *w, int n) {
    int k = blockIdx.x * blockDim.x + threadIdx.x;
    if (k < n) {
        double s, c;
        sincospi(-2.0 * k / n, &s, &c);
        w[k] = make_float2((float)c, (float)s);
    }
}

extern "C" __global__ void fft(const float2 *x, float2 *y, const float2 *w, int n) {
    extern __shared__ float2 s[];
    const int lane = threadIdx.x & 31, bits = 31 - __clz(n);
    x += (long long)blockIdx.x * n;
    y += (long long)blockIdx.x * n;
    for (int base = threadIdx.x & ~31; base < n; base += blockDim.x) {
        const int i = base + lane;
        const int from = bits ? (int)(__brev((unsigned)i) >> (32 - bits)) : 0;
        float2 v = i < n ? x[from] : make_float2(0.f, 0.f);
#pragma unroll
        for (int half = 1; half < 32; half <<= 1) {
            if (half >= n || i >= n) break;
            const bool upper = lane & half;
            const float2 t = w[(lane & (half - 1)) * (n / (2 * half))];
            if (upper) v = make_float2(v.x * t.x - v.y * t.y, v.x * t.y + v.y * t.x);
            const float ox = __shfl_xor_sync(0xffffffffu, v.x, half), oy = __shfl_xor_sync(0xffffffffu, v.y, half);
            v = upper ? make_float2(ox - v.x, oy - v.y) : make_float2(v.x + ox, v.y + oy);
        }
        if (i < n) s[i] = v;
    }
    __syncthreads();
    for (int half = 32; half < n; half <<= 1) {
        for (int t = threadIdx.x; t < n / 2; t += blockDim.x) {
            const int k = t & (half - 1), i = 2 * (t - k) + k;
            const float2 tw = w[k * (n / (2 * half))], a = s[i], b = s[i + half];
            const float2 c = {b.x * tw.x - b.y * tw.y, b.x * tw.y + b.y * tw.x};
            s[i] = {a.x + c.x, a.y + c.y};
            s[i + half] = {a.x - c.x, a.y - c.y};
        }
        __syncthreads();
    }
    for (int i = threadIdx.x; i < n; i += blockDim.x) y[i] = s[i];
}
