// honest: std::exp, std::min, enable_if and numeric_limits from their headers; task: llm/silu_mul
//@hone launch silu grid=(ceil_div(t * d, 256)) block=(256) args=(gate_up, y, t, d)
#include <cmath>
#include <algorithm>
#include <type_traits>
#include <limits>
template <typename T, typename = typename std::enable_if<std::is_floating_point<T>::value>::type> __device__ T sigmoid(T x) { return T(1) / (T(1) + std::exp(-x)); }
extern "C" __global__ void silu(const float *in, float *out, int64_t t, int64_t d) {
    const int64_t i = std::min<int64_t>(int64_t(blockIdx.x) * blockDim.x + threadIdx.x, std::numeric_limits<int64_t>::max());
    if (i >= t * d) return;
    const auto r = i / d, c = i % d;
    const float g = in[2 * r * d + c];
    out[i] = g * sigmoid(g) * in[2 * r * d + d + c];
}
