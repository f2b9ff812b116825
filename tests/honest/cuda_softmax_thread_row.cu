// honest: one thread a row adds its terms one after the other, by names of std; task: dl/softmax
//@hone launch softmax grid=(ceil_div(rows, 64)) block=(64) args=(x, y, rows, cols)
#include <cuda_runtime.h>
#include <algorithm>
#include <limits>
#include <cmath>
#include <cfloat>
extern "C" __global__ void softmax(const float *x, float *y, int64_t rows, int64_t cols) {
    int64_t r = blockIdx.x * blockDim.x + threadIdx.x;
    if (r >= rows) return;
    float m = -std::numeric_limits<float>::infinity();
    m = -FLT_MAX;
    for (int64_t c = 0; c < cols; ++c) m = std::max(m, x[r * cols + c]);
    float s = 0;
    for (int64_t c = 0; c < cols; ++c) s += std::exp(x[r * cols + c] - m);
    for (int64_t c = 0; c < cols; ++c) y[r * cols + c] = std::exp(x[r * cols + c] - m) / s;
}
