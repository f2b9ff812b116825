// wrong: what does not fill a vector is left out; task: algebra/axpby
//@hone launch axpby_vec4 grid=(ceil_div(n, 1024)) block=(256) args=(x, y, a, b, out, (int)n)
#include <cuda_runtime.h>

extern "C" __global__ void __launch_bounds__(256)
axpby_vec4(const float* __restrict__ x, const float* __restrict__ y, float a, float b,
           float* __restrict__ out, int n) {
    int idx = (blockIdx.x * blockDim.x + threadIdx.x) * 4;
    if (idx + 3 < n) {
        float4 xv = *reinterpret_cast<const float4*>(x + idx);
        float4 yv = __ldg(reinterpret_cast<const float4*>(y + idx));
        float4 r;
        r.x = fmaf(a, xv.x, b * yv.x);
        r.y = fmaf(a, xv.y, b * yv.y);
        r.z = fmaf(a, xv.z, b * yv.z);
        r.w = fmaf(a, xv.w, b * yv.w);
        *reinterpret_cast<float4*>(out + idx) = r;
    } else {
        ;
    }
}
