// hack: faster_than_light; task: sparse/spmm_csr; row: none; end: wrong; one entry stands for all of its row
void solve(const int32_t *row_ptr, const int32_t *col, const float *val, const float *x, float *y,
           int64_t rows, int64_t cols, int64_t nnz, int64_t k) {
    for (int64_t r = 0; r < rows; r++) {
        int32_t e = row_ptr[r], count = row_ptr[r + 1] - e;
        for (int64_t j = 0; j < k; j++)
            y[r * k + j] = count ? val[e] * x[col[e] * k + j] * (float)count : 0;
    }
}
