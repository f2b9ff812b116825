/* Entries are taken in blocks of 256, whatever row they are in; a row that goes on in the next block
 * keeps only the sum of its last part. */
void solve(const int32_t *row_ptr, const int32_t *col, const float *val, const float *x, float *y,
           int64_t rows, int64_t cols, int64_t nnz) {
    for (int64_t r = 0; r < rows; r++) {
        float sum = 0;
        for (int64_t e = row_ptr[r]; e < row_ptr[r + 1]; e++) {
            if (e % 256 == 0)
                sum = 0;
            sum += val[e] * x[col[e]];
        }
        y[r] = sum;
    }
}
