// honest: the largest by atomics on integers that sort like floats, sums by exchange in a loop; task: dl/softmax
//@hone workspace top u32[rows] zero
//@hone workspace total f32[rows] zero
//@hone launch maximum grid=(ceil_div(cols, 256), rows) block=(256) args=(x, top, (int)cols)
//@hone launch sum grid=(ceil_div(cols, 256), rows) block=(256) args=(x, top, total, (int)cols)
//@hone launch divide grid=(ceil_div(cols, 256), rows) block=(256) args=(x, top, total, y, (int)cols)
__device__ unsigned key(float f) {
    unsigned u = __float_as_uint(f);
    return u >> 31 ? ~u : u | 0x80000000u;
}
__device__ float value(unsigned k) {
    return __uint_as_float(k >> 31 ? k & 0x7fffffffu : ~k);
}
extern "C" __global__ void maximum(const float *x, unsigned *top, int cols) {
    union alignas(16) Storage {
        unsigned u[8];
        float f[8];
    };
    __shared__ Storage st;
    int c = blockIdx.x * 256 + threadIdx.x;
    unsigned k = c < cols ? key(x[(size_t)blockIdx.y * cols + c]) : 0;
    k = __reduce_max_sync(0xffffffff, k);
    if (threadIdx.x % 32 == 0)
        st.u[threadIdx.x / 32] = k;
    __syncthreads();
    if (threadIdx.x == 0) {
        for (int i = 1; i < 8; i++)
            k = max(k, st.u[i]);
        atomicMax(top + blockIdx.y, k);
    }
}
extern "C" __global__ void sum(const float *x, const unsigned *top, float *total, int cols) {
    int c = blockIdx.x * 256 + threadIdx.x;
    float e = c < cols ? expf(x[(size_t)blockIdx.y * cols + c] - value(top[blockIdx.y])) : 0.f;
    for (int o = 16; o; o /= 2)
        e += __shfl_down_sync(0xffffffff, e, o);
    if (threadIdx.x % 32 == 0) {
        int *p = (int *)(total + blockIdx.y), old = *p, assumed;
        do {
            assumed = old;
            old = atomicCAS(p, assumed, __float_as_int(__int_as_float(assumed) + e));
        } while (assumed != old);
    }
}
extern "C" __global__ void divide(const float *x, const unsigned *top, const float *total, float *y,
                                  int cols) {
    int c = blockIdx.x * 256 + threadIdx.x;
    if (c < cols)
        y[(size_t)blockIdx.y * cols + c] = __fdividef(
            expf(x[(size_t)blockIdx.y * cols + c] - value(top[blockIdx.y])), total[blockIdx.y]);
}
