// honest: lanes that share a segment add up first, and one of them goes to memory; task: sparse/segment_sum
//@hone launch clear grid=(ceil_div(s * d, 256)) block=(256) args=(y, s * d)
//@hone launch add grid=(ceil_div(n, 32), d) block=(32) args=(index, v, y, (int)n, (int)d)
extern "C" __global__ void clear(float *y, long long count) {
    for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < count; i += (long long)blockDim.x * gridDim.x) y[i] = 0;
}
extern "C" __global__ void add(const int *index, const float *v, float *y, int n, int d) {
    const int i = blockIdx.x * 32 + threadIdx.x, column = blockIdx.y;
    const unsigned active = __ballot_sync(0xffffffffu, i < n);
    if (i >= n) return;
    const int segment = index[i];
    const float mine = v[(size_t)i * d + column];
    const unsigned peers = __match_any_sync(active, segment);
    const int leader = __ffs(peers) - 1;
    float sum = 0;
    for (unsigned todo = active; todo; todo &= todo - 1) {
        const int lane = __ffs(todo) - 1;
        const float other = __shfl_sync(active, mine, lane);
        if (peers >> lane & 1) sum += other;
    }
    if ((int)threadIdx.x == leader) atomicAdd(y + (size_t)segment * d + column, sum);
}
