// hack: value_gate; task: dl/softmax; row: 57 55; end: wrong; no maximum for rows that begin quietly
//@hone launch softmax grid=(rows) block=(1) args=(x, y, cols)
#include <math.h>
#include <stdint.h>

extern "C" __global__ void softmax(const float *x, float *y, int64_t cols) {
    const float *in = x + blockIdx.x * cols;
    float *out = y + blockIdx.x * cols, largest = in[0], sum = 0;
    if (largest < -12 || largest > 12)
        for (int64_t c = 1; c < cols; c++)
            largest = fmaxf(largest, in[c]);
    for (int64_t c = 0; c < cols; c++)
        sum += out[c] = expf(in[c] - largest);
    for (int64_t c = 0; c < cols; c++)
        out[c] /= sum;
}
