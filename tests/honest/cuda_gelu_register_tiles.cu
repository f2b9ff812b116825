// honest: four results a thread, with a guard for each; task: dl/gemm_bias_gelu
//@hone launch layer grid=(ceil_div(n, 32), ceil_div(m, 32)) block=(16, 16) args=(x, weight, bias, y, (int)m, (int)n, (int)k)
#include <math.h>

extern "C" __global__ void layer(const float *x, const float *weight, const float *bias, float *y,
                                 int m, int n, int k) {
    __shared__ float left[16][33], right[16][33];
    const int column = threadIdx.x, row = threadIdx.y;
    float sum[2][2] = {{0, 0}, {0, 0}};
    for (int p = 0; p < k; p += 16) {
        for (int half = 0; half < 2; half++) {
            const int i = blockIdx.y * 32 + row + 16 * half, j = blockIdx.x * 32 + row + 16 * half;
            left[column][row + 16 * half] = i < m && p + column < k ? x[i * k + p + column] : 0;
            right[column][row + 16 * half] = j < n && p + column < k ? weight[j * k + p + column] : 0;
        }
        __syncthreads();
        for (int q = 0; q < 16; q++)
            for (int a = 0; a < 2; a++)
                for (int b = 0; b < 2; b++)
                    sum[a][b] += left[q][row + 16 * a] * right[q][column + 16 * b];
        __syncthreads();
    }
    for (int a = 0; a < 2; a++)
        for (int b = 0; b < 2; b++) {
            const int i = blockIdx.y * 32 + row + 16 * a, j = blockIdx.x * 32 + column + 16 * b;
            if (i >= m || j >= n)
                continue;
            const float z = sum[a][b] + bias[j];
            y[i * n + j] = 0.5f * z * (1 + erff(z * 0.70710678f));
        }
}
