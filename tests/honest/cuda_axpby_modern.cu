// honest: lambdas, fold expressions, scoped enumerations, and constants worked out while compiling; task: algebra/axpby
//@hone launch axpby_modern grid=(ceil_div(n, 512)) block=(8, 8, 2) args=(x, y, a, b, out, n)
#include <type_traits>
#include <limits>
#include <algorithm>

namespace detail {
enum class Mode : unsigned char { Plain, Fused };
template <typename... Ts> __device__ __forceinline__ auto sum(Ts... values) { return (values + ...); }
constexpr int per_thread(int block) {
    int per = 1;
    while (per * block < 512) ++per;
    return per;
}
template <Mode M, typename T> __device__ __forceinline__ T combine(T a, T x, T b, T y) {
    static_assert(std::is_same<T, float>::value, "single precision");
    if constexpr (M == Mode::Fused) return fmaf(a, x, b * y);
    else return sum(a * x, b * y);
}
struct Range {
    long long first = 0, last = std::numeric_limits<int>::max();
    __device__ Range(long long f, long long n) : first{f}, last{std::min<long long>(f + per_thread(128), n)} {}
    __device__ constexpr bool has(long long i) const noexcept { return i < last; }
};
} // namespace detail

extern "C" __global__ void axpby_modern(const float* x, const float* y, float a, float b, float* out, size_t n) {
    using namespace detail;
    const dim3 block = blockDim;
    const uint3 t = threadIdx;
    const auto rank = t.x + block.x * (t.y + block.y * t.z);
    const Range range(((long long)blockIdx.x * block.x * block.y * block.z + rank) * per_thread(128), n);
    auto apply = [=](auto i) { out[i] = combine<Mode::Fused>(a, x[i], b, y[i]); };
    for (auto i = range.first; range.has(i); ++i) apply(i);
}
