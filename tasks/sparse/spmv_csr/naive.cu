/* One thread a row. */
//@hone launch spmv grid=(ceil_div(rows, 128)) block=(128) args=(row_ptr, col, val, x, y, (int)rows)
extern "C" __global__ void spmv(const int *row_ptr, const int *col, const float *val, const float *x,
                                float *y, int rows) {
    int r = blockIdx.x * blockDim.x + threadIdx.x;
    if (r >= rows)
        return;
    float sum = 0;
    for (int e = row_ptr[r]; e < row_ptr[r + 1]; e++)
        sum += val[e] * x[col[e]];
    y[r] = sum;
}
