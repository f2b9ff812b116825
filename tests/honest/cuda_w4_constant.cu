// honest: a table in constant memory, which looks like answers; task: llm/w4a16_gemm
//@hone launch w4a16 grid=(ceil_div(n, 4), m) block=(32, 4) args=(x, weight, scale, y, n, k)
#include <stdint.h>

__constant__ float value[16] = {-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7};

extern "C" __global__ void w4a16(const float *x, const uint8_t *weight, const float *scale,
                                 float *y, int64_t n, int64_t k) {
    int64_t i = blockIdx.y, j = (int64_t)blockIdx.x * blockDim.y + threadIdx.y;
    if (j >= n)
        return;
    float sum = 0;
    for (int64_t pair = threadIdx.x; pair < k / 2; pair += 32) {
        int byte = weight[j * (k / 2) + pair];
        float both = x[i * k + 2 * pair] * value[byte & 15] + x[i * k + 2 * pair + 1] * value[byte >> 4];
        sum += both * scale[j * (k / 128) + pair / 64];
    }
    for (int step = 16; step > 0; step /= 2)
        sum += __shfl_down_sync(0xffffffff, sum, step);
    if (threadIdx.x == 0)
        y[i * n + j] = sum;
}
