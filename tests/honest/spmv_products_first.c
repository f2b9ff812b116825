// honest: all products in scratch memory, then sums by an offset that is found as it goes; task: sparse/spmv_csr
//@hone workspace product f32[nnz]
//@hone call multiply args=(col, val, x, product, nnz)
//@hone call add args=(row_ptr, product, y, rows)
void multiply(const int32_t *col, const float *val, const float *x, float *product, int64_t nnz) {
    for (int64_t e = 0; e < nnz; e++)
        product[e] = val[e] * x[col[e]];
}

void add(const int32_t *row_ptr, const float *product, float *y, int64_t rows) {
    for (int64_t r = 0; r < rows; r++) {
        double sum = 0;
        for (int32_t e = row_ptr[r]; e < row_ptr[r + 1]; e++)
            sum += product[e];
        y[r] = (float)sum;
    }
}
