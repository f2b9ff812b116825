// honest: a kernel that only calls a template, whose reduction takes bytes of dynamic shared memory; task: dl/softmax
//@hone launch softmax_256 grid=(rows) block=(256) shared=8 * 4 + cols % 7 args=(x, y, (int)cols)
template <typename T, int THREADS, typename Op>
__device__ T block_reduce(T v, T identity, Op op, unsigned char *raw) {
    T *s = reinterpret_cast<T *>(raw);
    const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
#pragma unroll
    for (int o = 16; o > 0; o >>= 1)
        v = op(v, __shfl_xor_sync(0xffffffffu, v, o));
    __syncthreads();
    if (!lane)
        s[warp] = v;
    __syncthreads();
    v = lane < THREADS / 32 ? s[lane] : identity;
#pragma unroll
    for (int o = 16; o > 0; o >>= 1)
        v = op(v, __shfl_xor_sync(0xffffffffu, v, o));
    return v;
}
template <int THREADS>
__device__ void softmax_body(const float *__restrict__ x, float *__restrict__ y, int cols) {
    extern __shared__ __align__(16) unsigned char smem[];
    const float *in = x + (size_t)blockIdx.x * cols;
    float m = -INFINITY, s = 0.f;
    for (int c = threadIdx.x; c < cols; c += THREADS)
        m = fmaxf(m, in[c]);
    m = block_reduce<float, THREADS>(
        m, -INFINITY, [](float a, float b) { return fmaxf(a, b); }, smem);
    for (int c = threadIdx.x; c < cols; c += THREADS)
        s += expf(in[c] - m);
    s = block_reduce<float, THREADS>(
        s, 0.f, [](float a, float b) { return a + b; }, smem);
    for (int c = threadIdx.x; c < cols; c += THREADS)
        y[(size_t)blockIdx.x * cols + c] = expf(in[c] - m) / s;
}
extern "C" __global__ void __launch_bounds__(256) softmax_256(const float *x, float *y, int cols) {
    softmax_body<256>(x, y, cols);
}
