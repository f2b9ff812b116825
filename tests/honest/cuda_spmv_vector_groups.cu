// honest: lanes a row as many as rows have entries, chosen by the plan; task: sparse/spmv_csr
//@hone const LANES = 8
//@hone if nnz > 4 * rows
//@hone launch spmv_vector grid=(ceil_div(rows * LANES, 128)) block=(128) args=(row_ptr, col, val, x, y, (int)rows)
//@hone else
//@hone launch spmv_scalar grid=(ceil_div(rows, 128)) block=(128) args=(row_ptr, col, val, x, y, (int)rows)
//@hone end
template <unsigned N> __device__ __forceinline__ float lanes_sum(float v) {
#pragma unroll
    for (unsigned o = N / 2; o; o /= 2) v += __shfl_down_sync(0xffffffffu, v, o, N);
    return v;
}
extern "C" __global__ void spmv_vector(const int *row_ptr, const int *col, const float *val, const float *x, float *y, int rows) {
    const int row = (blockIdx.x * blockDim.x + threadIdx.x) / LANES, lane = threadIdx.x % LANES;
    float sum = 0;
    if (row < rows)
        for (int e = row_ptr[row] + lane; e < row_ptr[row + 1]; e += LANES) sum += val[e] * __ldg(x + col[e]);
    sum = lanes_sum<LANES>(sum);
    if (row < rows && lane == 0) y[row] = sum;
}
extern "C" __global__ void spmv_scalar(const int *row_ptr, const int *col, const float *val, const float *x, float *y, int rows) {
    const int row = blockIdx.x * blockDim.x + threadIdx.x;
    if (row >= rows) return;
    float sum = 0;
    const int end = row_ptr[row + 1];
#pragma unroll 2
    for (int e = row_ptr[row]; e < end; ++e) sum += val[e] * x[col[e]];
    y[row] = sum;
}
