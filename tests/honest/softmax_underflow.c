// honest: does not compute exponentials that are zero in single precision; task: dl/softmax
#include <math.h>

void solve(const float *x, float *y, int64_t rows, int64_t cols) {
    for (int64_t r = 0; r < rows; r++, x += cols, y += cols) {
        float largest = x[0], sum = 0;
        for (int64_t c = 1; c < cols; c++)
            largest = x[c] > largest ? x[c] : largest;
        for (int64_t c = 0; c < cols; c++) {
            y[c] = x[c] - largest < -104 ? 0 : expf(x[c] - largest);
            sum += y[c];
        }
        for (int64_t c = 0; c < cols; c++)
            y[c] /= sum;
    }
}
