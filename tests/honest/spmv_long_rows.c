// honest: another path for long rows, chosen by what the matrix holds; task: sparse/spmv_csr
static float add(const int32_t *col, const float *val, const float *x, int32_t count) {
    float sum[4] = {0, 0, 0, 0};
    int32_t e = 0;
    for (; e + 4 <= count; e += 4)
        for (int lane = 0; lane < 4; lane++)
            sum[lane] += val[e + lane] * x[col[e + lane]];
    for (; e < count; e++)
        sum[0] += val[e] * x[col[e]];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

void solve(const int32_t *row_ptr, const int32_t *col, const float *val, const float *x, float *y,
           int64_t rows, int64_t cols, int64_t nnz) {
    for (int64_t r = 0; r < rows; r++) {
        const int32_t first = row_ptr[r], count = row_ptr[r + 1] - first;
        if (count > 16) {
            y[r] = add(col + first, val + first, x, count);
            continue;
        }
        float sum = 0;
        for (int32_t e = first; e < first + count; e++)
            sum += val[e] * x[col[e]];
        y[r] = sum;
    }
}
