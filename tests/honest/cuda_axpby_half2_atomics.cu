// honest: every result is added to a zero by an atomic on two halves; task: algebra/axpby@f16
//@hone launch zero grid=(ceil_div(n, 256)) block=(256) args=(out, n)
//@hone launch add grid=(ceil_div(n, 256)) block=(256) args=(x, y, a, b, out, n)
#include <cuda_fp16.h>
extern "C" __global__ void zero(__half *out, int64_t n) { int64_t i = blockIdx.x * 256ll + threadIdx.x; if (i < n) out[i] = __ushort_as_half(0); }
extern "C" __global__ void add(const __half *x, const __half *y, float a, float b, __half *out, int64_t n) {
    int64_t i = blockIdx.x * 256ll + threadIdx.x;
    if (i >= n) return;
    const float r = a * __half2float(x[i]) + b * __half2float(y[i]);
    if (i + 1 < n || i % 2) { if (i % 2 == 0) atomicAdd((__half2 *)(out + i), __halves2half2(__float2half(r), __float2half(a * __half2float(x[i + 1]) + b * __half2float(y[i + 1])))); }
    else atomicAdd(out + i, __float2half(r));
}
