// honest: lanes of one segment add up before one of them does in memory; task: sparse/segment_sum
//@hone launch clear grid=(ceil_div(s * d, 256)) block=(256) args=(y, s * d)
//@hone launch seg grid=(ceil_div(n, 256)) block=(256) args=(index, v, y, n, d)
extern "C" __global__ void clear(float *y, int64_t c) { int64_t i = blockIdx.x * 256ll + threadIdx.x; if (i < c) y[i] = 0.f; }
extern "C" __global__ void seg(const int *index, const float *v, float *y, int64_t n, int64_t d) {
    const int64_t i = blockIdx.x * 256ll + threadIdx.x;
    const unsigned active = __ballot_sync(0xffffffffu, i < n);
    if (i >= n) return;
    const int key = index[i], lane = threadIdx.x % 32;
    const unsigned peers = __match_any_sync(active, key);
    const int leader = __ffs(peers) - 1;
    for (int64_t j = 0; j < d; j++) {
        const float mine = v[i * d + j];
        float sum = 0;
        for (unsigned rest = active; rest; rest &= rest - 1) {
            const int src = __ffs(rest) - 1;
            const float o = __shfl_sync(active, mine, src);
            if (peers >> src & 1) sum += o;
        }
        if (lane == leader) atomicAdd(&y[(int64_t)key * d + j], sum);
    }
}
