void solve(const float *restrict x, const float *restrict weight,
           float *restrict y, int64_t rows, int64_t cols) {
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = 0; c < cols; c++)
            y[r * cols + c] = x[r * cols + c] * weight[c];
}
