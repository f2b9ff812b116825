// honest: no shared memory: lanes exchange diagonals, and each turns its own row; task: algebra/transpose
//@hone launch transpose_warp grid=(ceil_div(n, 32), ceil_div(m, 32)) block=(32) args=(x, y, (int)m, (int)n)
extern "C" __global__ void transpose_warp(const float *x, float *y, int m, int n) {
    const int lane = threadIdx.x, i0 = blockIdx.y * 32, j0 = blockIdx.x * 32;
    float row[32];
#pragma unroll
    for (int r = 0; r < 32; r++)
        row[r] = i0 + r < m && j0 + lane < n ? x[(i0 + r) * n + j0 + lane] : 0.f;
#pragma unroll
    for (int step = 1; step < 32; step <<= 1)
#pragma unroll
        for (int r = 0; r < 32; r++)
            if (!(r & step)) {
                const float give = lane & step ? row[r] : row[r | step];
                const float got = __shfl_xor_sync(0xffffffffu, give, step);
                if (lane & step) row[r] = got; else row[r | step] = got;
            }
#pragma unroll
    for (int r = 0; r < 32; r++)
        if (j0 + r < n && i0 + lane < m) y[(j0 + r) * m + i0 + lane] = row[r];
}
