// honest: counted, listed by segment, then summed without atomics; task: sparse/segment_sum
//@hone workspace count i32[s] zero
//@hone workspace start i32[s + 1]
//@hone workspace where i32[n]
//@hone launch histogram grid=(ceil_div(n, 256)) block=(256) args=(index, count, n)
//@hone launch prefix grid=(1) block=(32) args=(count, start, (int)s)
//@hone launch fill grid=(ceil_div(n, 256)) block=(256) args=(index, count, start, where, n)
//@hone launch total grid=(s) block=(32) args=(v, start, where, y, (int)d)
extern "C" __global__ void histogram(const int *index, int *count, int64_t n) { int64_t i = blockIdx.x * 256ll + threadIdx.x; if (i < n) atomicAdd(count + index[i], 1); }
extern "C" __global__ void prefix(const int *count, int *start, int s) {
    int base = 0;
    for (int i = 0; i < s; i += 32) {
        const int lane = threadIdx.x, c = i + lane < s ? count[i + lane] : 0;
        int v = c;
        for (int d = 1; d < 32; d <<= 1) { int t = __shfl_up_sync(~0u, v, d); if (lane >= d) v += t; }
        if (i + lane < s) start[i + lane] = base + v - c;
        base += __reduce_add_sync(0xffffffff, c);
    }
    if (threadIdx.x == 0) start[s] = base;
}
extern "C" __global__ void fill(const int *index, int *count, const int *start, int *where, int64_t n) {
    int64_t i = blockIdx.x * 256ll + threadIdx.x;
    if (i < n) { const int g = index[i]; where[start[g] + atomicSub(count + g, 1) - 1] = (int)i; }
}
extern "C" __global__ void total(const float *v, const int *start, const int *where, float *y, int d) {
    for (int j = threadIdx.x; j < d; j += 32) {
        float s = 0;
        for (int e = start[blockIdx.x]; e < start[blockIdx.x + 1]; e++) s += v[(int64_t)where[e] * d + j];
        y[(int64_t)blockIdx.x * d + j] = s;
    }
}
