// wrong: the way down does not wait for the way up; task: algebra/scan
//@hone const B = 128
//@hone const E = 2 * B
//@hone workspace sums f32[ceil_div(n, E)]
//@hone launch block_scan grid=(ceil_div(n, E)) block=(B) args=(x, y, sums, n)
//@hone launch scan_of_sums grid=(1) block=(1) args=(sums, ceil_div(n, E))
//@hone launch add_sums grid=(ceil_div(n, E)) block=(E) args=(y, sums, n)
#include <stdint.h>
#define LOG_BANKS 5
#define PAD(i) ((i) + ((i) >> LOG_BANKS))

extern "C" __global__ void block_scan(const float *x, float *y, float *sums, int64_t n) {
    __shared__ float t[PAD(E) + 1];
    const int tid = threadIdx.x;
    const int64_t base = (int64_t)blockIdx.x * E;
    float a = base + tid < n ? x[base + tid] : 0, b = base + tid + B < n ? x[base + tid + B] : 0;
    t[PAD(tid)] = a;
    t[PAD(tid + B)] = b;
    int offset = 1;
    for (int d = B; d > 0; d >>= 1) {
        __syncthreads();
        if (tid < d) {
            int ai = offset * (2 * tid + 1) - 1, bi = offset * (2 * tid + 2) - 1;
            t[PAD(bi)] += t[PAD(ai)];
        }
        offset <<= 1;
    }
    __syncthreads();
    if (tid == 0) {
        sums[blockIdx.x] = t[PAD(E - 1)];
        t[PAD(E - 1)] = 0;
    }
    for (int d = 1; d < E; d <<= 1) {
        offset >>= 1;
        if (tid < d) {
            int ai = PAD(offset * (2 * tid + 1) - 1), bi = PAD(offset * (2 * tid + 2) - 1);
            float kept = t[ai];
            t[ai] = t[bi];
            t[bi] += kept;
        }
    }
    __syncthreads();
    if (base + tid < n) y[base + tid] = t[PAD(tid)] + a;
    if (base + tid + B < n) y[base + tid + B] = t[PAD(tid + B)] + b;
}

extern "C" __global__ void scan_of_sums(float *sums, int64_t count) {
    float running = 0;
    for (int64_t i = 0; i < count; i++) {
        float own = sums[i];
        sums[i] = running;
        running += own;
    }
}

extern "C" __global__ void add_sums(float *y, const float *sums, int64_t n) {
    int64_t i = (int64_t)blockIdx.x * E + threadIdx.x;
    if (i < n) y[i] += sums[blockIdx.x];
}
