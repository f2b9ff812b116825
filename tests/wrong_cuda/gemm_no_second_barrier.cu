// wrong: the next tile is loaded while others still use this one; task: algebra/gemm
//@hone launch sgemm grid=(ceil_div(n, 64), ceil_div(m, 64)) block=(64) args=(a, b, c, (int)m, (int)n, (int)k)
#define BM 64
#define BN 64
#define BK 8
#define TM 8
#define TN 8

extern "C" __global__ void __launch_bounds__(64)
sgemm(const float* __restrict__ A, const float* __restrict__ B, float* __restrict__ C, int M, int N,
      int K) {
    __shared__ float As[BK][BM + 4];
    __shared__ float Bs[BK][BN];
    const int tid = threadIdx.x;
    const int threadCol = tid % (BN / TN), threadRow = tid / (BN / TN);
    float acc[TM][TN] = {{0.0f}};
    float regM[TM], regN[TN];

    for (int bk = 0; bk < K; bk += BK) {
        #pragma unroll
        for (int i = tid; i < BM * BK; i += 64) {
            int r = i / BK, c = i % BK;
            int gr = blockIdx.y * BM + r, gc = bk + c;
            As[c][r] = (gr < M && gc < K) ? A[gr * K + gc] : 0.0f;
        }
        #pragma unroll
        for (int i = tid; i < BK * BN; i += 64) {
            int r = i / BN, c = i % BN;
            int gr = bk + r, gc = blockIdx.x * BN + c;
            Bs[r][c] = (gr < K && gc < N) ? B[gr * N + gc] : 0.0f;
        }
        __syncthreads();
        #pragma unroll
        for (int k = 0; k < BK; ++k) {
            #pragma unroll
            for (int i = 0; i < TM; ++i) regM[i] = As[k][threadRow * TM + i];
            #pragma unroll
            for (int j = 0; j < TN; ++j) regN[j] = Bs[k][threadCol * TN + j];
            #pragma unroll
            for (int i = 0; i < TM; ++i)
                #pragma unroll
                for (int j = 0; j < TN; ++j) acc[i][j] += regM[i] * regN[j];
        }
    }
    for (int i = 0; i < TM; ++i)
        for (int j = 0; j < TN; ++j) {
            int r = blockIdx.y * BM + threadRow * TM + i, c = blockIdx.x * BN + threadCol * TN + j;
            if (r < M && c < N) C[r * N + c] = acc[i][j];
        }
}
