// honest: one warp loads, the other adds, by flags in shared memory instead of barriers; task: algebra/gemv
//@hone launch gemv grid=(m) block=(64) args=(a, x, y, (int)n)
extern "C" __global__ void gemv(const float *a, const float *x, float *y, int n) {
    __shared__ float product[2][32];
    __shared__ volatile int filled[2], emptied[2];
    const int lane = threadIdx.x % 32;
    const float *row = a + (long long)blockIdx.x * n;
    if (threadIdx.x < 2) filled[threadIdx.x] = emptied[threadIdx.x] = 0;
    __syncthreads();
    float sum = 0;
    for (int first = 0, round = 0; first < n; first += 32, round++) {
        const int slot = round % 2, times = round / 2;
        if (threadIdx.x < 32) {
            while (emptied[slot] != times) { }
            __threadfence_block();
            __syncwarp();
            product[slot][lane] = first + lane < n ? row[first + lane] * x[first + lane] : 0;
            __threadfence_block();
            __syncwarp();
            if (lane == 0) filled[slot] = times + 1;
        } else {
            while (filled[slot] != times + 1) { }
            __threadfence_block();
            __syncwarp();
            sum += product[slot][lane];
            __threadfence_block();
            __syncwarp();
            if (lane == 0) emptied[slot] = times + 1;
        }
    }
    if (threadIdx.x < 32) return;
    for (int step = 16; step > 0; step /= 2) sum += __shfl_down_sync(0xffffffff, sum, step);
    if (lane == 0) y[blockIdx.x] = sum;
}
