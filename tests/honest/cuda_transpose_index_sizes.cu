// honest: one-dimensional blocks of an odd size, a loop over all tiles; task: algebra/transpose
//@hone launch turn grid=(3) block=(96) args=(x, y, m, n)
extern "C" __global__ __launch_bounds__(96) void turn(const float *__restrict__ x, float *__restrict__ y, unsigned long long m, unsigned long long n) {
    __shared__ float tile[12][12 + 1];
    const unsigned long long across = (n + 11) / 12, down = (m + 11) / 12;
    for (unsigned long long t = blockIdx.x; t < across * down; t += gridDim.x) {
        const unsigned long long i0 = t / across * 12, j0 = t % across * 12;
        for (unsigned e = threadIdx.x; e < 144; e += blockDim.x)
            if (i0 + e / 12 < m && j0 + e % 12 < n) tile[e / 12][e % 12] = x[(i0 + e / 12) * n + j0 + e % 12];
        __syncthreads();
        for (unsigned e = threadIdx.x; e < 144; e += blockDim.x)
            if (j0 + e / 12 < n && i0 + e % 12 < m) y[(j0 + e / 12) * m + i0 + e % 12] = tile[e % 12][e / 12];
        __syncthreads();
    }
}
