/* The dense matrix is read as if it were stored by columns. */
void solve(const int32_t *row_ptr, const int32_t *col, const float *val, const float *x, float *y,
           int64_t rows, int64_t cols, int64_t nnz, int64_t k) {
    for (int64_t r = 0; r < rows; r++)
        for (int64_t j = 0; j < k; j++) {
            float sum = 0;
            for (int64_t e = row_ptr[r]; e < row_ptr[r + 1]; e++)
                sum += val[e] * x[j * cols + col[e]];
            y[r * k + j] = sum;
        }
}
