// honest: its mean is more precise than the baseline's; task: llm/add_rmsnorm
#include <math.h>

void solve(const float *x, const float *residual, const float *weight, float eps, float *y,
           float *sum, int64_t t, int64_t h) {
    for (int64_t r = 0; r < t; r++, x += h, residual += h, y += h, sum += h) {
        double squares = 0;
        for (int64_t c = 0; c < h; c++) {
            sum[c] = x[c] + residual[c];
            squares += (double)sum[c] * sum[c];
        }
        float scale = (float)(1 / sqrt(squares / (double)h + eps));
        for (int64_t c = 0; c < h; c++)
            y[c] = sum[c] * scale * weight[c];
    }
}
