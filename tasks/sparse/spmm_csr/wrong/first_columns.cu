// A block of 32 threads serves a row, and columns past 32 are never written.
//@hone launch spmm grid=(rows) block=(32) args=(row_ptr, col, val, x, y, (int)k)
extern "C" __global__ void spmm(const int *row_ptr, const int *col, const float *val, const float *x,
                                float *y, int k) {
    int r = blockIdx.x, j = threadIdx.x;
    if (j >= k)
        return;
    float sum = 0;
    for (int e = row_ptr[r]; e < row_ptr[r + 1]; e++)
        sum += val[e] * x[col[e] * k + j];
    y[r * k + j] = sum;
}
