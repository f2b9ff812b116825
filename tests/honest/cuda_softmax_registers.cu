// honest: short rows in registers, long ones by a loop: chosen by the plan, by the width; task: dl/softmax
//@hone if cols <= 1024
//@hone launch softmax_short grid=(ceil_div(rows, 8)) block=(32, 8) args=(x, y, (int)rows, (int)cols)
//@hone else
//@hone launch softmax_long grid=(rows) block=(1024) args=(x, y, (int)cols)
//@hone end
template <typename T, int N> struct Array { T v[N]; __device__ T &operator[](int i) { return v[i]; } };

extern "C" __global__ void softmax_short(const float *x, float *y, int rows, int cols) {
    int row = blockIdx.x * 8 + threadIdx.y;
    if (row >= rows) return;
    Array<float, 32> e;
    float m = -INFINITY, s = 0;
#pragma unroll
    for (int i = 0; i < 32; i++) {
        int c = threadIdx.x + 32 * i;
        e[i] = c < cols ? x[row * cols + c] : -INFINITY;
        m = fmaxf(m, e[i]);
    }
    for (int o = 1; o < 32; o *= 2) m = fmaxf(m, __shfl_xor_sync(-1, m, o));
#pragma unroll
    for (int i = 0; i < 32; i++) s += e[i] = expf(e[i] - m);
    for (int o = 1; o < 32; o *= 2) s += __shfl_xor_sync(-1, s, o);
#pragma unroll
    for (int i = 0; i < 32; i++) {
        int c = threadIdx.x + 32 * i;
        if (c < cols) y[row * cols + c] = e[i] / s;
    }
}

template <class Op> __device__ float block_reduce(float v, Op op, float identity) {
    static __shared__ float shared[32];
    int lane = threadIdx.x & 31, wid = threadIdx.x >> 5;
    for (int o = 16; o > 0; o >>= 1) v = op(v, __shfl_down_sync(0xffffffff, v, o));
    __syncthreads();
    if (lane == 0) shared[wid] = v;
    __syncthreads();
    v = threadIdx.x < blockDim.x / 32 ? shared[lane] : identity;
    if (wid == 0) {
        for (int o = 16; o > 0; o >>= 1) v = op(v, __shfl_down_sync(0xffffffff, v, o));
        if (lane == 0) shared[0] = v;
    }
    __syncthreads();
    return shared[0];
}

extern "C" __global__ void softmax_long(const float *x, float *y, int cols) {
    const float *in = x + (size_t)blockIdx.x * cols;
    float m = -INFINITY, s = 0;
    for (int i = threadIdx.x; i < cols; i += blockDim.x) m = fmaxf(m, in[i]);
    m = block_reduce(m, [](float a, float b) { return fmaxf(a, b); }, -INFINITY);
    for (int i = threadIdx.x; i < cols; i += blockDim.x) s += expf(in[i] - m);
    s = block_reduce(s, [](float a, float b) { return a + b; }, 0.f);
    for (int i = threadIdx.x; i < cols; i += blockDim.x)
        y[(size_t)blockIdx.x * cols + i] = expf(in[i] - m) / s;
}
