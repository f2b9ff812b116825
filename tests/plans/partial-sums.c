// dl/softmax passed
//@hone const WIDTH = 8
//@hone workspace largest f32[rows]
//@hone workspace sums f64[rows] zero
//@hone call find_largest args=(x, largest, rows, cols)
//@hone call add args=(x, largest, sums, rows, cols)
//@hone call divide args=(x, largest, sums, y, rows, cols, (double)1)
#include <math.h>
void find_largest(const float *x, float *largest, int64_t rows, int64_t cols) {
    for (int64_t i = 0; i < rows; i++) {
        largest[i] = x[i * cols];
        for (int64_t j = 1; j < cols; j++)
            largest[i] = fmaxf(largest[i], x[i * cols + j]);
    }
}
void add(const float *x, const float *largest, double *sums, int64_t rows, int64_t cols) {
    float part[WIDTH];
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j += WIDTH) {
            for (int k = 0; k < WIDTH; k++)
                part[k] = j + k < cols ? expf(x[i * cols + j + k] - largest[i]) : 0;
            for (int k = 0; k < WIDTH; k++)
                sums[i] += part[k];
        }
}
void divide(const float *x, const float *largest, const double *sums, float *y, int64_t rows,
            int64_t cols, double one) {
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j++)
            y[i * cols + j] = (float)(one * expf(x[i * cols + j] - largest[i]) / sums[i]);
}
