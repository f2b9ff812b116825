// honest: blocks take rows from a counter until there are none; task: sparse/spmv_csr
//@hone workspace next i32[1] zero
//@hone launch spmv grid=(SM_COUNT) block=(128) args=(row_ptr, col, val, x, y, next, (int)rows)
extern "C" __global__ void spmv(const int *rp, const int *ci, const float *va, const float *x, float *y, int *next, int rows) {
    __shared__ int base;
    for (;;) {
        if (threadIdx.x == 0) base = atomicAdd(next, 4);
        __syncthreads();
        const int r = base + threadIdx.x / 32;
        if (base >= rows) return;
        float s = 0;
        if (r < rows) for (int e = rp[r] + threadIdx.x % 32; e < rp[r + 1]; e += 32) s = fmaf(va[e], x[ci[e]], s);
        for (int o = 16; o > 0; o /= 2) s += __shfl_xor_sync(0xffffffffu, s, o);
        if (r < rows && threadIdx.x % 32 == 0) y[r] = s;
        __syncthreads();
    }
}
