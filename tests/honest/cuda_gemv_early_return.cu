// honest: threads outside return before barriers that the others pass; task: algebra/gemv
//@hone launch gemv grid=(ceil_div(m, 4)) block=(64) args=(a, x, y, (int)m, (int)n)
extern "C" __global__ void gemv(const float *a, const float *x, float *y, int m, int n) {
    __shared__ float part[64];
    int row = blockIdx.x * 4 + threadIdx.x / 16, lane = threadIdx.x % 16;
    if (row >= m)
        return;
    float s = 0;
    for (int j = lane; j < n; j += 16)
        s += a[(size_t)row * n + j] * x[j];
    part[threadIdx.x] = s;
    __syncthreads();
    for (int d = 8; d; d /= 2) {
        if (lane < d)
            part[threadIdx.x] += part[threadIdx.x + d];
        __syncthreads();
    }
    if (lane == 0)
        y[row] = part[threadIdx.x];
}
