// wrong: the end of a part is stored, not added; task: sparse/spmv_csr
//@hone const EACH = 16
//@hone launch clear grid=(ceil_div(rows, 128)) block=(128) args=(y, (int)rows)
//@hone launch merge grid=(ceil_div(ceil_div(nnz, EACH), 128)) block=(128) args=(row_ptr, col, val, x, y, (int)rows, (int)nnz)
extern "C" __global__ void clear(float *y, int rows) {
    const int r = blockIdx.x * blockDim.x + threadIdx.x;
    if (r < rows) y[r] = 0;
}
extern "C" __global__ void merge(const int *row_ptr, const int *col, const float *val, const float *x,
                                 float *y, int rows, int nnz) {
    const int begin = (blockIdx.x * blockDim.x + threadIdx.x) * EACH, end = min(begin + EACH, nnz);
    if (begin >= end) return;
    int low = 0, high = rows;
    while (low + 1 < high) {
        const int mid = (low + high) / 2;
        if (row_ptr[mid] <= begin) low = mid; else high = mid;
    }
    int row = low;
    float sum = 0;
    for (int e = begin; e < end; ++e) {
        while (e >= row_ptr[row + 1]) {
            if (sum != 0) atomicAdd(&y[row], sum);
            sum = 0;
            ++row;
        }
        sum = fmaf(val[e], x[col[e]], sum);
    }
    y[row] = sum;
}
