// wrong: the last step of the reduction is missing; task: algebra/gemv
//@hone launch gemv_kernel grid=(ceil_div(m, 4)) block=(128) args=(a, x, y, (int)m, (int)n)
#define WARP_SIZE_ 32
#define FULL_MASK 0xffffffff

__inline__ __device__ float warpReduceSum(float val) {
    for (int offset = WARP_SIZE_ / 2; offset > 1; offset >>= 1)
        val += __shfl_down_sync(FULL_MASK, val, offset);
    return val;
}

extern "C" __global__ void gemv_kernel(const float *A, const float *x, float *y, int M, int N) {
    int warp = (blockIdx.x * blockDim.x + threadIdx.x) / WARP_SIZE_;
    int lane = threadIdx.x & (WARP_SIZE_ - 1);
    if (warp >= M) return;
    const float *row = A + (size_t)warp * N;
    float sum = 0.f;
    if (N % 4 == 0) {
        const float4 *row4 = reinterpret_cast<const float4 *>(row);
        const float4 *x4 = reinterpret_cast<const float4 *>(x);
        for (int i = lane; i < N / 4; i += WARP_SIZE_) {
            float4 r = __ldg(row4 + i), v = __ldg(x4 + i);
            sum += r.x * v.x + r.y * v.y + r.z * v.z + r.w * v.w;
        }
    } else {
        for (int i = lane; i < N; i += WARP_SIZE_) sum += row[i] * x[i];
    }
    sum = warpReduceSum(sum);
    if (lane == 0) y[warp] = sum;
}
