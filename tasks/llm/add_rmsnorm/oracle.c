#include <math.h>

void oracle(const float *x, const float *residual, const float *weight, float eps, double *y,
            double *sum, int64_t t, int64_t h) {
    for (int64_t r = 0; r < t; r++) {
        double squares = 0;
        for (int64_t c = r * h; c < (r + 1) * h; c++) {
            sum[c] = (double)x[c] + residual[c];
            squares += sum[c] * sum[c];
        }
        double scale = 1 / sqrt(squares / (double)h + (double)eps);
        for (int64_t c = 0; c < h; c++)
            y[r * h + c] = sum[r * h + c] * scale * weight[c];
    }
}
