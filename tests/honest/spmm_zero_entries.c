// honest: loops as long as the data says, and nothing for entries that are zero; task: sparse/spmm_csr
void solve(const int32_t *row_ptr, const int32_t *col, const float *val, const float *x, float *y,
           int64_t rows, int64_t cols, int64_t nnz, int64_t k) {
    for (int64_t r = 0; r < rows; r++) {
        float *restrict out = y + r * k;
        for (int64_t j = 0; j < k; j++)
            out[j] = 0;
        for (int32_t e = row_ptr[r]; e < row_ptr[r + 1]; e++) {
            if (val[e] == 0)
                continue;
            const float *restrict in = x + col[e] * k;
            for (int64_t j = 0; j < k; j++)
                out[j] += val[e] * in[j];
        }
    }
}
