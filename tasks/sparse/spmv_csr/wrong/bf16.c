/* Values and vector lose 16 bits on the way; sums are in single precision. */
static float rounded(float value) {
    uint32_t bits;
    __builtin_memcpy(&bits, &value, 4);
    bits = (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000u;
    __builtin_memcpy(&value, &bits, 4);
    return value;
}

void solve(const int32_t *row_ptr, const int32_t *col, const float *val, const float *x, float *y,
           int64_t rows, int64_t cols, int64_t nnz) {
    for (int64_t r = 0; r < rows; r++) {
        float sum = 0;
        for (int64_t e = row_ptr[r]; e < row_ptr[r + 1]; e++)
            sum += rounded(val[e]) * rounded(x[col[e]]);
        y[r] = sum;
    }
}
