// honest: far faster than the naive kernel it is compared with; task: algebra/gemm
//@hone const TILE = 16
//@hone launch gemm grid=(ceil_div(n, TILE), ceil_div(m, TILE)) block=(TILE, TILE) args=(a, b, c, (int)m, (int)n, (int)k)
extern "C" __global__ void gemm(const float *a, const float *b, float *c, int m, int n, int k) {
    __shared__ float left[TILE][TILE], right[TILE][TILE + 1];
    const int x = threadIdx.x, y = threadIdx.y, i = blockIdx.y * TILE + y, j = blockIdx.x * TILE + x;
    float sum = 0;
    for (int p = 0; p < k; p += TILE) {
        left[y][x] = i < m && p + x < k ? a[i * k + p + x] : 0;
        right[y][x] = j < n && p + y < k ? b[(p + y) * n + j] : 0;
        __syncthreads();
        for (int q = 0; q < TILE; q++)
            sum += left[y][q] * right[q][x];
        __syncthreads();
    }
    if (i < m && j < n)
        c[i * n + j] = sum;
}
