// honest: few segments in shared memory with its atomics, many in global; task: sparse/segment_sum
//@hone launch clear grid=(ceil_div(s * d, 256)) block=(256) args=(y, s * d)
//@hone if s * d <= 4096
//@hone launch by_shared grid=(SM_COUNT) block=(256) shared=s * d * 4 args=(index, v, y, (int)n, (int)d, (int)s)
//@hone else
//@hone launch by_global grid=(ceil_div(n * d, 256)) block=(256) args=(index, v, y, (int)n, (int)d)
//@hone end
extern "C" __global__ void clear(float *y, long long count) {
    const long long i = blockIdx.x * 256ll + threadIdx.x;
    if (i < count) y[i] = 0;
}
extern "C" __global__ void by_shared(const int *__restrict__ index, const float *__restrict__ v, float *y, int n, int d, int s) {
    extern __shared__ float bins[];
    for (int i = threadIdx.x; i < s * d; i += blockDim.x) bins[i] = 0;
    __syncthreads();
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n * d; i += gridDim.x * blockDim.x)
        atomicAdd(&bins[index[i / d] * d + i % d], v[i]);
    __syncthreads();
    for (int i = threadIdx.x; i < s * d; i += blockDim.x)
        if (bins[i] != 0) atomicAdd(&y[i], bins[i]);
}
extern "C" __global__ void by_global(const int *index, const float *v, float *y, int n, int d) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n * d) return;
    float *at = y + index[i / d] * d + i % d;
    unsigned seen = __float_as_uint(*at), assumed;
    do {
        assumed = seen;
        seen = atomicCAS((unsigned *)at, assumed, __float_as_uint(__uint_as_float(assumed) + v[i]));
    } while (seen != assumed);
}
