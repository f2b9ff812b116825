// wrong: the sums of more than 1024 blocks are not scanned; task: algebra/scan
//@hone workspace sums f32[ceil_div(n, 256)]
//@hone launch blocks grid=(ceil_div(n, 256)) block=(256) args=(x, y, sums, n)
//@hone launch top grid=(1) block=(1024) args=(sums, ceil_div(n, 256))
//@hone launch spread grid=(ceil_div(n, 256)) block=(256) args=(y, sums, n)
extern "C" __global__ void blocks(const float *x, float *y, float *sums, int64_t n) {
    __shared__ float part[256];
    int64_t i = (int64_t)blockIdx.x * 256 + threadIdx.x;
    part[threadIdx.x] = i < n ? x[i] : 0.0f;
    __syncthreads();
    for (int d = 1; d < 256; d *= 2) {
        float other = threadIdx.x >= d ? part[threadIdx.x - d] : 0.0f;
        __syncthreads();
        part[threadIdx.x] += other;
        __syncthreads();
    }
    if (i < n) y[i] = part[threadIdx.x];
    if (threadIdx.x == 255) sums[blockIdx.x] = part[255];
}
extern "C" __global__ void top(float *sums, int64_t count) {
    __shared__ float part[1024];
    part[threadIdx.x] = threadIdx.x < count ? sums[threadIdx.x] : 0.0f;
    __syncthreads();
    for (int d = 1; d < 1024; d *= 2) {
        float other = threadIdx.x >= d ? part[threadIdx.x - d] : 0.0f;
        __syncthreads();
        part[threadIdx.x] += other;
        __syncthreads();
    }
    if (threadIdx.x < count) sums[threadIdx.x] = part[threadIdx.x];
}
extern "C" __global__ void spread(float *y, const float *sums, int64_t n) {
    int64_t i = (int64_t)blockIdx.x * 256 + threadIdx.x;
    if (i < n && blockIdx.x > 0) y[i] += sums[blockIdx.x - 1];
}
