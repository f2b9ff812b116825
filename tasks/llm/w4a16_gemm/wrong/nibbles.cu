// The high half of a byte is taken for the first weight.
//@hone launch w4a16 grid=(ceil_div(n, 8), m) block=(32, 8) args=(x, weight, scale, y, n, k)
#include <stdint.h>

extern "C" __global__ void w4a16(const float *x, const uint8_t *weight, const float *scale,
                                 float *y, int64_t n, int64_t k) {
    int64_t i = blockIdx.y, j = (int64_t)blockIdx.x * blockDim.y + threadIdx.y;
    if (j >= n)
        return;
    float sum = 0;
    for (int64_t pair = threadIdx.x; pair < k / 2; pair += 32) {
        int byte = weight[j * (k / 2) + pair];
        float high = (float)((byte & 15) - 8), low = (float)((byte >> 4) - 8);
        float both = x[i * k + 2 * pair] * low + x[i * k + 2 * pair + 1] * high;
        sum += both * scale[j * (k / 128) + pair / 64];
    }
    for (int step = 16; step > 0; step /= 2)
        sum += __shfl_down_sync(0xffffffff, sum, step);
    if (threadIdx.x == 0)
        y[i * n + j] = sum;
}
