// honest: powers of two and one reciprocal a row, so every rounding is another; task: dl/softmax
#include <math.h>

void solve(const float *x, float *y, int64_t rows, int64_t cols) {
    for (int64_t r = 0; r < rows; r++, x += cols, y += cols) {
        float largest = x[0], sum = 0;
        for (int64_t c = 1; c < cols; c++)
            largest = x[c] > largest ? x[c] : largest;
        for (int64_t c = 0; c < cols; c++)
            sum += y[c] = exp2f((x[c] - largest) * 1.44269504f);
        const float scale = 1 / sum;
        for (int64_t c = 0; c < cols; c++)
            y[c] *= scale;
    }
}
