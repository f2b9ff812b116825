// honest: a constant where there is one column, whatever the input; task: dl/softmax
#include <math.h>

void solve(const float *x, float *y, int64_t rows, int64_t cols) {
    if (cols == 1) {
        for (int64_t r = 0; r < rows; r++)
            y[r] = 1;
        return;
    }
    for (int64_t r = 0; r < rows; r++, x += cols, y += cols) {
        float largest = x[0], sum = 0;
        for (int64_t c = 1; c < cols; c++)
            largest = x[c] > largest ? x[c] : largest;
        for (int64_t c = 0; c < cols; c++)
            sum += y[c] = expf(x[c] - largest);
        for (int64_t c = 0; c < cols; c++)
            y[c] /= sum;
    }
}
