// wrong: the carry is read while it is written; task: sparse/segment_sum
//@hone workspace count i32[s + 1] zero
//@hone workspace fill i32[s] zero
//@hone workspace order i32[n]
//@hone launch histogram grid=(ceil_div(n, 256)) block=(256) args=(index, count, (int)n)
//@hone launch starts grid=(1) block=(256) args=(count, (int)s)
//@hone launch place grid=(ceil_div(n, 256)) block=(256) args=(index, count, fill, order, (int)n)
//@hone launch gather grid=(s) block=(32) args=(v, count, order, y, (int)d)
extern "C" __global__ void histogram(const int *index, int *count, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) atomicAdd(&count[index[i] + 1], 1);
}
extern "C" __global__ void starts(int *count, int s) {
    __shared__ int sums[256];
    __shared__ int carry;
    if (threadIdx.x == 0) carry = 0;
    for (int base = 0; base <= s; base += 256) {
        int i = base + threadIdx.x;
        sums[threadIdx.x] = i <= s ? count[i] : 0;
        __syncthreads();
        for (int o = 1; o < 256; o <<= 1) {
            int t = threadIdx.x >= o ? sums[threadIdx.x - o] : 0;
            __syncthreads();
            sums[threadIdx.x] += t;
            __syncthreads();
        }
        if (i <= s) count[i] = sums[threadIdx.x] + carry;
        if (threadIdx.x == 255) carry += sums[255];
        __syncthreads();
    }
}
extern "C" __global__ void place(const int *index, const int *start, int *fill, int *order, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) order[start[index[i]] + atomicAdd(&fill[index[i]], 1)] = i;
}
extern "C" __global__ void gather(const float *v, const int *start, const int *order, float *y, int d) {
    const int g = blockIdx.x;
    for (int c = threadIdx.x; c < d; c += 32) {
        float sum = 0;
        for (int e = start[g]; e < start[g + 1]; e++) sum += v[(size_t)order[e] * d + c];
        y[(size_t)g * d + c] = sum;
    }
}
