//@hone workspace scaled f32[cols] zero
//@hone repeat 2
//@hone call gather args=(weight, scaled, cols)
//@hone end
//@hone call scale args=(x, scaled, y, rows, cols)
void gather(const float *weight, float *scaled, int64_t cols) {
    for (int64_t c = 0; c < cols; c++)
        scaled[c] += weight[c] / 2;
}
void scale(const float *restrict x, const float *restrict scaled, float *restrict y, int64_t rows,
           int64_t cols) {
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = 0; c < cols; c++)
            y[r * cols + c] = x[r * cols + c] * scaled[c];
}
