// The result is written by columns.
//@hone launch spmm grid=(ceil_div(rows * k, 128)) block=(128) args=(row_ptr, col, val, x, y, (int)rows, (int)k)
extern "C" __global__ void spmm(const int *row_ptr, const int *col, const float *val, const float *x,
                                float *y, int rows, int k) {
    int element = blockIdx.x * blockDim.x + threadIdx.x;
    if (element >= rows * k)
        return;
    int r = element % rows, j = element / rows;
    float sum = 0;
    for (int e = row_ptr[r]; e < row_ptr[r + 1]; e++)
        sum += val[e] * x[col[e] * k + j];
    y[element] = sum;
}
