// honest: sums of sums by recursion in the plan: two levels of scratch memory; task: algebra/scan
//@hone const B = 64
//@hone workspace one f32[ceil_div(n, B)]
//@hone workspace two f32[ceil_div(ceil_div(n, B), B)]
//@hone launch level grid=(ceil_div(n, B)) block=(B) args=(x, y, one, n)
//@hone launch level_in_place grid=(ceil_div(ceil_div(n, B), B)) block=(B) args=(one, two, ceil_div(n, B))
//@hone launch last grid=(1) block=(32) args=(two, ceil_div(ceil_div(n, B), B))
//@hone launch raise grid=(ceil_div(ceil_div(n, B), B)) block=(B) args=(one, two, ceil_div(n, B))
//@hone launch raise grid=(ceil_div(n, B)) block=(B) args=(y, one, n)
__device__ float warp_scan(float v) {
    const int lane = threadIdx.x & 31;
    for (int o = 1; o < 32; o *= 2) {
        const float u = __shfl_up_sync(0xffffffffu, v, o);
        v += lane >= o ? u : 0.f;
    }
    return v;
}
__device__ float pair_scan(float v, float *total) {
    __shared__ float first;
    v = warp_scan(v);
    if (threadIdx.x == 31) first = v;
    __syncthreads();
    if (threadIdx.x >= 32) v += first;
    if (threadIdx.x == 63) *total = v;
    return v;
}
extern "C" __global__ void level(const float *x, float *y, float *sums, long long n) {
    const long long i = blockIdx.x * 64ll + threadIdx.x;
    const float v = pair_scan(i < n ? x[i] : 0.f, sums + blockIdx.x);
    if (i < n) y[i] = v;
}
extern "C" __global__ void level_in_place(float *y, float *sums, long long n) {
    const long long i = blockIdx.x * 64ll + threadIdx.x;
    const float v = pair_scan(i < n ? y[i] : 0.f, sums + blockIdx.x);
    if (i < n) y[i] = v;
}
extern "C" __global__ void last(float *y, long long n) {
    float carry = 0;
    for (long long base = 0; base < n; base += 32) {
        const long long i = base + threadIdx.x;
        const float v = warp_scan(i < n ? y[i] : 0.f) + carry;
        if (i < n) y[i] = v;
        carry = __shfl_sync(0xffffffffu, v, 31);
    }
}
extern "C" __global__ void raise(float *y, const float *sums, long long n) {
    const long long i = blockIdx.x * 64ll + threadIdx.x;
    if (blockIdx.x && i < n) y[i] += sums[blockIdx.x - 1];
}
