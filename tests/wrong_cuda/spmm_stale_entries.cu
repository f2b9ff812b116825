// wrong: entries of the part before are read again; task: sparse/spmm_csr
//@hone launch spmm grid=(rows, ceil_div(k, 64)) block=(64) args=(row_ptr, col, val, x, y, (int)k)
extern "C" __global__ void __launch_bounds__(64, 8)
spmm(const int *__restrict__ row_ptr, const int *__restrict__ col, const float *__restrict__ val,
     const float *__restrict__ x, float *__restrict__ y, int k) {
    __shared__ int cols[64];
    __shared__ float vals[64];
    const int row = blockIdx.x, j = blockIdx.y * 64 + threadIdx.x;
    const int begin = row_ptr[row], end = row_ptr[row + 1];
    float acc = 0;
    for (int base = begin; base < end; base += 64) {
        const int e = base + threadIdx.x;
        if (e < end) cols[threadIdx.x] = col[e], vals[threadIdx.x] = val[e];
        __syncthreads();
        const int count = 64;
        if (j < k)
            for (int t = 0; t < count; ++t) acc += vals[t] * x[(size_t)cols[t] * k + j];
        __syncthreads();
    }
    if (j < k) y[(size_t)row * k + j] = acc;
}
