template <int WIDTH> __device__ __forceinline__ float total(float v) {
#pragma unroll
    for (int half = WIDTH / 2; half; half /= 2)
        v += __shfl_xor_sync(0xffffffffu, v, half);
    return v;
}
static const float weights[4] = {0.25f, 0.5f, 0.75f, 1};
extern "C" __global__ void __launch_bounds__(256, 2) k(const float4 *__restrict__ x, float *y) {
    float4 v = __ldg(&x[threadIdx.x]);
    float sum = total<32>(v.x + v.y + v.z + v.w) * weights[threadIdx.x & 3];
    if (threadIdx.x % 32 == 0)
        y[threadIdx.x / 32] = sum;
}
