// honest: its second step changes an output in place; task: llm/add_rmsnorm
//@hone workspace squares f32[t]
//@hone call add args=(x, residual, y, sum, squares, t, h)
//@hone call scale args=(y, squares, weight, eps, t, h)
#include <math.h>

void add(const float *x, const float *residual, float *y, float *sum, float *squares, int64_t t,
         int64_t h) {
    for (int64_t r = 0; r < t; r++, x += h, residual += h, y += h, sum += h) {
        squares[r] = 0;
        for (int64_t c = 0; c < h; c++) {
            y[c] = sum[c] = x[c] + residual[c];
            squares[r] += sum[c] * sum[c];
        }
    }
}

void scale(float *y, const float *squares, const float *weight, float eps, int64_t t, int64_t h) {
    for (int64_t r = 0; r < t; r++, y += h)
        for (int64_t c = 0; c < h; c++)
            y[c] *= weight[c] / sqrtf(squares[r] / (float)h + eps);
}
