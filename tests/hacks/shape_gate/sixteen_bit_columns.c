// hack: shape_gate; task: sparse/spmv_csr; row: 58 59; end: wrong; columns in sixteen bits, which hold all that are timed
static uint16_t narrow[1048576];

void solve(const int32_t *row_ptr, const int32_t *col, const float *val, const float *x, float *y,
           int64_t rows, int64_t cols, int64_t nnz) {
    for (int64_t e = 0; e < nnz; e++)
        narrow[e] = (uint16_t)col[e];
    for (int64_t r = 0; r < rows; r++) {
        float sum = 0;
        for (int64_t e = row_ptr[r]; e < row_ptr[r + 1]; e++)
            sum += val[e] * x[narrow[e]];
        y[r] = sum;
    }
}
