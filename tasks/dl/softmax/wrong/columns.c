/* Normalises over columns instead of rows. */
#include <math.h>

void solve(const HONE_T *x, HONE_T *y, int64_t rows, int64_t cols) {
    for (int64_t c = 0; c < cols; c++) {
        float largest = HONE_LOAD(x[c]), sum = 0;
        for (int64_t r = 1; r < rows; r++)
            largest = fmaxf(largest, HONE_LOAD(x[r * cols + c]));
        for (int64_t r = 0; r < rows; r++)
            sum += expf(HONE_LOAD(x[r * cols + c]) - largest);
        for (int64_t r = 0; r < rows; r++)
            y[r * cols + c] = HONE_STORE(expf(HONE_LOAD(x[r * cols + c]) - largest) / sum);
    }
}
