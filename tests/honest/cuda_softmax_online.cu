// honest: reads a row once less than usual, and rescales; task: dl/softmax
//@hone launch softmax grid=(rows) block=(128) args=(x, y, cols)
#include <math.h>
#include <stdint.h>

extern "C" __global__ void softmax(const float *x, float *y, int64_t cols) {
    __shared__ float largest[128], total[128];
    const float *in = x + blockIdx.x * cols;
    float *out = y + blockIdx.x * cols, most = -INFINITY, sum = 0;
    for (int64_t c = threadIdx.x; c < cols; c += 128) {
        float next = fmaxf(most, in[c]);
        sum = sum * expf(most - next) + expf(in[c] - next);
        most = next;
    }
    largest[threadIdx.x] = most;
    total[threadIdx.x] = sum;
    __syncthreads();
    for (int half = 64; half > 0; half /= 2) {
        if (threadIdx.x < half) {
            float other = largest[threadIdx.x + half], next = fmaxf(largest[threadIdx.x], other);
            if (next > -INFINITY)
                total[threadIdx.x] = total[threadIdx.x] * expf(largest[threadIdx.x] - next) +
                                     total[threadIdx.x + half] * expf(other - next);
            largest[threadIdx.x] = next;
        }
        __syncthreads();
    }
    for (int64_t c = threadIdx.x; c < cols; c += 128)
        out[c] = expf(in[c] - largest[0]) / total[0];
}
