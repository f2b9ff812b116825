/* The sum is not set back to zero for the next row. */
#include <math.h>

void solve(const HONE_T *x, HONE_T *y, int64_t rows, int64_t cols) {
    float sum = 0;
    for (int64_t r = 0; r < rows; r++, x += cols, y += cols) {
        float largest = HONE_LOAD(x[0]);
        for (int64_t c = 1; c < cols; c++)
            largest = fmaxf(largest, HONE_LOAD(x[c]));
        for (int64_t c = 0; c < cols; c++)
            sum += expf(HONE_LOAD(x[c]) - largest);
        for (int64_t c = 0; c < cols; c++)
            y[c] = HONE_STORE(expf(HONE_LOAD(x[c]) - largest) / sum);
    }
}
