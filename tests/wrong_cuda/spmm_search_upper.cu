// wrong: empty rows get the entry of the next; task: sparse/spmm_csr
//@hone launch clear grid=(ceil_div(rows * k, 256)) block=(256) args=(y, (int)(rows * k))
//@hone launch entries grid=(ceil_div(nnz, 8)) block=(32, 8) args=(row_ptr, col, val, x, y, (int)rows, (int)nnz, (int)k)
extern "C" __global__ void clear(float *y, int count) {
    int i = blockIdx.x * 256 + threadIdx.x;
    if (i < count) y[i] = 0.0f;
}
__device__ int row_of(const int *row_ptr, int rows, int e) {
    int low = 0, high = rows;
    while (high - low > 1) {
        int middle = (low + high) >> 1;
        if (row_ptr[middle] < e) low = middle; else high = middle;
    }
    return low;
}
extern "C" __global__ void entries(const int *row_ptr, const int *col, const float *val, const float *x,
                                   float *y, int rows, int nnz, int k) {
    int e = blockIdx.x * blockDim.y + threadIdx.y;
    if (e >= nnz) return;
    int row = threadIdx.x == 0 ? row_of(row_ptr, rows, e) : 0;
    row = __shfl_sync(0xffffffff, row, 0);
    for (int j = threadIdx.x; j < k; j += 32) atomicAdd(&y[row * k + j], val[e] * x[col[e] * k + j]);
}
