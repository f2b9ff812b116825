//@hone workspace ones f32[cols]
//@hone call fill args=(ones, cols)
//@hone call scale args=(x, ones, y, rows, cols)
void fill(float *ones, int64_t cols) {
    for (int64_t c = 0; c < cols; c++)
        ones[c] = 1;
}
void scale(const float *restrict x, const float *restrict ones, float *restrict y, int64_t rows,
           int64_t cols) {
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = 0; c < cols; c++)
            y[r * cols + c] = x[r * cols + c] * ones[c];
}
