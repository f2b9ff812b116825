// honest: one warp loads while another multiplies, barriers hand over the stages; task: algebra/gemm
//@hone const T = 16
//@hone launch ws grid=(ceil_div(n, T), ceil_div(m, T)) block=(64) args=(a, b, c, (int)m, (int)n, (int)k)
// warp 0 loads tiles, warp 1 computes; two stages handed over by block barriers
extern "C" __global__ void ws(const float *a, const float *b, float *c, int m, int n, int k) {
    __shared__ float sa[2][T][T + 1], sb[2][T][T + 1];
    const int warp = threadIdx.x / warpSize, lane = threadIdx.x % warpSize;
    const int r0 = blockIdx.y * T, c0 = blockIdx.x * T, steps = (k + T - 1) / T;
    float acc[T * T / 32];
    for (int i = 0; i < T * T / 32; i++) acc[i] = 0;
    for (int s = 0; s <= steps; s++) {
        if (warp == 0 && s < steps) {
            for (int e = lane; e < T * T; e += 32) {
                int i = e / T, j = e % T, kk = s * T;
                sa[s & 1][i][j] = r0 + i < m && kk + j < k ? a[(r0 + i) * k + kk + j] : 0.0f;
                sb[s & 1][i][j] = kk + i < k && c0 + j < n ? b[(kk + i) * n + c0 + j] : 0.0f;
            }
        } else if (warp == 1 && s > 0) {
            int p = (s - 1) & 1;
            for (int q = 0; q < T; q++)
                for (int i = 0; i < T * T / 32; i++) { int e = i * 32 + lane; acc[i] += sa[p][e / T][q] * sb[p][q][e % T]; }
        }
        __syncthreads();
    }
    if (warp == 1)
        for (int i = 0; i < T * T / 32; i++) { int e = i * 32 + lane, r = r0 + e / T, cc = c0 + e % T; if (r < m && cc < n) c[r * n + cc] = acc[i]; }
}
