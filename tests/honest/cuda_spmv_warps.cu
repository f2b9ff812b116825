// honest: lanes without entries do nothing, and rows take as long as they are; task: sparse/spmv_csr
//@hone launch spmv grid=(ceil_div(rows, 4)) block=(32, 4) args=(row_ptr, col, val, x, y, (int)rows)
extern "C" __global__ void spmv(const int *row_ptr, const int *col, const float *val, const float *x,
                                float *y, int rows) {
    int r = blockIdx.x * 4 + threadIdx.y;
    if (r >= rows)
        return;
    float sum = 0;
    for (int e = row_ptr[r] + threadIdx.x; e < row_ptr[r + 1]; e += 32)
        sum += val[e] * x[col[e]];
    for (int step = 16; step > 0; step /= 2)
        sum += __shfl_down_sync(0xffffffff, sum, step);
    if (threadIdx.x == 0)
        y[r] = sum;
}
