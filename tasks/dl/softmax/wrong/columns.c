/* Normalises over columns instead of rows. */
#include <math.h>

void solve(const float *x, float *y, int64_t rows, int64_t cols) {
    for (int64_t c = 0; c < cols; c++) {
        float largest = x[c], sum = 0;
        for (int64_t r = 1; r < rows; r++)
            largest = x[r * cols + c] > largest ? x[r * cols + c] : largest;
        for (int64_t r = 0; r < rows; r++)
            sum += y[r * cols + c] = expf(x[r * cols + c] - largest);
        for (int64_t r = 0; r < rows; r++)
            y[r * cols + c] /= sum;
    }
}
