/* Exponentials are added up in the element type, which stops counting small ones early. */
#include <math.h>

void solve(const HONE_T *x, HONE_T *y, int64_t rows, int64_t cols) {
    for (int64_t r = 0; r < rows; r++, x += cols, y += cols) {
        float largest = HONE_LOAD(x[0]);
        for (int64_t c = 1; c < cols; c++)
            largest = fmaxf(largest, HONE_LOAD(x[c]));
        HONE_T sum = HONE_STORE(0);
        for (int64_t c = 0; c < cols; c++)
            sum = HONE_STORE(HONE_LOAD(sum) + expf(HONE_LOAD(x[c]) - largest));
        for (int64_t c = 0; c < cols; c++)
            y[c] = HONE_STORE(expf(HONE_LOAD(x[c]) - largest) / HONE_LOAD(sum));
    }
}
