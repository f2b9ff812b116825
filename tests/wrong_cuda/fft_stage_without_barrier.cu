// wrong: stages do not wait for each other; task: sci/fft
//@hone launch stockham grid=(batch) block=(min(256, max(32, n / 2))) shared=n * 16 args=(x, y, (int)n)
extern __shared__ float2 smem[];
__device__ inline float2 operator+(float2 a, float2 b) { return make_float2(a.x + b.x, a.y + b.y); }
__device__ inline float2 operator-(float2 a, float2 b) { return make_float2(a.x - b.x, a.y - b.y); }
__device__ inline float2 operator*(float2 a, float2 b) { return make_float2(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x); }

extern "C" __global__ void stockham(const float *in, float *out, int n) {
    const float2 *x = reinterpret_cast<const float2 *>(in) + (size_t)blockIdx.x * n;
    float2 *y = reinterpret_cast<float2 *>(out) + (size_t)blockIdx.x * n;
    float2 *from = smem, *to = smem + n;
    for (int i = threadIdx.x; i < n; i += blockDim.x) from[i] = x[i];
    __syncthreads();
    for (int length = n, stride = 1; length > 1; length >>= 1, stride <<= 1) {
        for (int t = threadIdx.x; t < n / 2; t += blockDim.x) {
            const int p = t / stride, q = t % stride;
            float s, c;
            sincospif(-2.0f * p / length, &s, &c);
            const float2 a = from[q + stride * p], b = from[q + stride * (p + length / 2)];
            to[q + stride * 2 * p] = a + b;
            to[q + stride * (2 * p + 1)] = (a - b) * make_float2(c, s);
        }
        float2 *kept = from;
        from = to;
        to = kept;
    }
    for (int i = threadIdx.x; i < n; i += blockDim.x) y[i] = from[i];
}
