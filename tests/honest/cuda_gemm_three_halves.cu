// honest: splits every float into three of half the bits, and adds all products that matter; task: algebra/gemm
//@hone launch gemm grid=(ceil_div(n, 16), ceil_div(m, 16)) block=(16, 16) args=(a, b, c, m, n, k)
#include <stdint.h>

struct split { float high, mid, low; };

__device__ __forceinline__ float top(float v) { return __uint_as_float(__float_as_uint(v) & 0xffffe000u); }
__device__ __forceinline__ split make(float v) {
    split s;
    s.high = top(v);
    s.mid = top(v - s.high);
    s.low = v - s.high - s.mid;
    return s;
}

extern "C" __global__ void gemm(const float *a, const float *b, float *c, int64_t m, int64_t n, int64_t k) {
    const int64_t i = blockIdx.y * (int64_t)blockDim.y + threadIdx.y;
    const int64_t j = blockIdx.x * (int64_t)blockDim.x + threadIdx.x;
    if (i >= m || j >= n) return;
    float big = 0, small = 0;
    for (int64_t p = 0; p < k; p++) {
        const split x = make(a[i * k + p]), y = make(b[p * n + j]);
        small += x.mid * y.mid + x.low * y.high + x.high * y.low;
        small += x.mid * y.high + x.high * y.mid;
        big += x.high * y.high;
    }
    c[i * n + j] = big + small;
}
