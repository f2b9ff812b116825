// honest: eight halves a thread by vectors, products in single precision; task: algebra/axpby@f16
//@hone launch axpby grid=(ceil_div(ceil_div(n, 8), 128)) block=(128) args=(x, y, a, b, out, (int)n)
#include <cuda_fp16.h>
#include <cuda_runtime.h>

struct alignas(16) Half8 { __half2 v[4]; };

extern "C" __global__ void axpby(const __half* __restrict__ x, const __half* __restrict__ y, float a, float b, __half* __restrict__ out, int n) {
    const int i = (blockIdx.x * blockDim.x + threadIdx.x) * 8;
    if (i + 8 <= n) {
        const Half8 xs = *reinterpret_cast<const Half8*>(x + i), ys = *reinterpret_cast<const Half8*>(y + i);
        Half8 r;
        #pragma unroll
        for (int k = 0; k < 4; ++k)
            r.v[k] = __floats2half2_rn(fmaf(a, __low2float(xs.v[k]), b * __low2float(ys.v[k])),
                                       fmaf(a, __high2float(xs.v[k]), b * __high2float(ys.v[k])));
        *reinterpret_cast<Half8*>(out + i) = r;
        return;
    }
    for (int k = i; k < n; ++k) out[k] = __float2half(a * __half2float(x[k]) + b * __half2float(y[k]));
}
