// honest: few blocks that walk through all, unrolled; task: algebra/axpby
//@hone launch axpby_kernel grid=(min(SM_COUNT * 4, ceil_div(n, 256))) block=(256) args=(x, y, a, b, out, n)
extern "C" __global__ void axpby_kernel(const float* __restrict__ x, const float* __restrict__ y,
                                        const float a, const float b, float* __restrict__ out,
                                        const long long n) {
    const long long stride = (long long)gridDim.x * blockDim.x;
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    #pragma unroll 4
    for (; i < n; i += stride) {
        __stcs(&out[i], fmaf(a, __ldcs(&x[i]), __fmul_rn(b, __ldcs(&y[i]))));
    }
}
