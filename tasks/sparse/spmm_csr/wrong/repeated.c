/* A column that occurs twice in a row counts once. */
void solve(const int32_t *row_ptr, const int32_t *col, const float *val, const float *x, float *y,
           int64_t rows, int64_t cols, int64_t nnz, int64_t k) {
    for (int64_t r = 0; r < rows; r++)
        for (int64_t j = 0; j < k; j++) {
            float sum = 0;
            for (int64_t e = row_ptr[r]; e < row_ptr[r + 1]; e++)
                if (e == row_ptr[r] || col[e] != col[e - 1])
                    sum += val[e] * x[col[e] * k + j];
            y[r * k + j] = sum;
        }
}
