// honest: halves in, sums in single precision, halves out; task: dl/softmax@f16
//@hone launch softmax grid=(rows) block=(128) args=(x, y, cols)
#include <cuda_fp16.h>
#include <stdint.h>

__device__ float reduce(float v, bool maximum) {
    __shared__ float parts[4];
    for (int d = 16; d; d >>= 1) {
        float w = __shfl_xor_sync(0xffffffff, v, d);
        v = maximum ? fmaxf(v, w) : v + w;
    }
    __syncthreads();
    if ((threadIdx.x & 31) == 0) parts[threadIdx.x >> 5] = v;
    __syncthreads();
    v = parts[0];
    for (int i = 1; i < 4; i++) v = maximum ? fmaxf(v, parts[i]) : v + parts[i];
    return v;
}

extern "C" __global__ void softmax(const __half *x, __half *y, int64_t cols) {
    x += blockIdx.x * cols, y += blockIdx.x * cols;
    float m = -65504.f;
    for (int64_t c = threadIdx.x; c < cols; c += blockDim.x) m = fmaxf(m, __half2float(__ldg(&x[c])));
    m = reduce(m, true);
    float s = 0;
    for (int64_t c = threadIdx.x; c < cols; c += blockDim.x) s += __expf(__half2float(x[c]) - m);
    s = reduce(s, false);
    for (int64_t c = threadIdx.x; c < cols; c += blockDim.x)
        y[c] = __float2half_rn(__fdividef(__expf(float(x[c]) - m), s));
}
