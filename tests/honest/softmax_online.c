// honest: reads its input once less than the usual three passes; task: dl/softmax
#include <math.h>

void solve(const float *x, float *y, int64_t rows, int64_t cols) {
    for (int64_t r = 0; r < rows; r++, x += cols, y += cols) {
        float largest = -INFINITY, sum = 0;
        for (int64_t c = 0; c < cols; c++) {
            if (x[c] > largest) {
                sum *= expf(largest - x[c]);
                largest = x[c];
            }
            sum += expf(x[c] - largest);
        }
        for (int64_t c = 0; c < cols; c++)
            y[c] = expf(x[c] - largest) / sum;
    }
}
