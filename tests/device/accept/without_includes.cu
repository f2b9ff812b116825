// facts: atomic shared barrier
// What models write without an include, and host habits that are harmless.
template <class T> struct alignas(4 * sizeof(T)) four { T x, y, z, w; };
#define CEIL_DIV(a, b) (((a) + (b)-1) / (b))
__constant__ float weights[3] = {0.25f, 0.5f, 0.25f};
static __device__ __forceinline__ float clock_rate(float free) {
    return free; // words that are refused when they are called, as names
}
__device__ const char *note() {
    return "malloc(printf) <<<1, 1>>>";
}
#if 0
int main() { cudaMalloc(&p, 4); kernel<<<1, 1>>>(); it's not compiled }
#endif
struct node {
    float value;
    node() = default;
    node(const node &) = delete;
    __device__ void free() {
    }
};
extern "C" __global__ void __launch_bounds__(256, 2)
    mixed(const float *__restrict__ in, float *out, int64_t n) {
    __shared__ float tile[16][17];
    __shared__ alignas(16) float row[4];
    __shared__ alignas(float4) float quad[4];
    alignas(16) float local[4] = {row[0], quad[0]};
    uint32_t bits = __float_as_uint(in[0]);
    size_t at = blockIdx.x * (size_t)blockDim.x + threadIdx.x;
    float largest = -INFINITY, smallest = FLT_MAX, unknown = NAN;
    uint8_t small = UINT8_MAX;
    uint count = UINT_MAX;
    uchar byte = 3;
    ushort word = USHRT_MAX;
    largest = fmaxf(largest, std::max(in[1], smallest)) + std::numeric_limits<float>::max();
    if (isnan(unknown) || isinf(largest) || at >= n)
        return;
    float4 v = reinterpret_cast<const float4 *>(in)[at];
    v.x = __expf(v.x) + rsqrtf(v.y) + __fdividef(v.z, v.w) + (float)M_PI + __ldg(in + 3);
    tile[threadIdx.x % 16][threadIdx.x / 16] = v.x * weights[1];
    __syncthreads();
    tile[1][1] = reinterpret_cast<float4 *>(local)->x;
    node here;
    here.free();
    atomicAdd(out, clock_rate(tile[0][0]) + small + count + byte + word + bits);
    out[at] =
        min(int(at), INT_MAX) + min(1u, 2u) + max(1.0f, 2.0f) + abs(-1) + CEIL_DIV(5, 2) + 1'000;
    out[at] += __popc(bits) + __clz(bits) + __brev(bits) + __float2int_rn(v.y) + __dp4a(1, 2, 3);
    static_assert(sizeof(four<float>) == 16 && sizeof(int64_t) == 8 &&
                  std::is_same_v<int, int32_t>);
    assert(out != nullptr);
#pragma unroll
    for (int i = 0; i < 4; i++)
        out[i] = sinf(v.x) + std::sqrt(v.y) + powf(v.z, 2.0f) + erff(v.w) + tanhf(v.x);
}
