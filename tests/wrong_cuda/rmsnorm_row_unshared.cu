// wrong: threads take the row before it is drawn; task: llm/add_rmsnorm
//@hone workspace next i32[1] zero
//@hone launch rms grid=(min(t, SM_COUNT)) block=(128) args=(x, residual, weight, eps, y, sum, t, h, next)
#include <stdint.h>
extern "C" __global__ void rms(const float *x, const float *residual, const float *weight, float eps,
                               float *y, float *sum, int64_t t, int64_t h, uint32_t *next) {
    __shared__ uint32_t mine;
    __shared__ double parts[4];
    for (;;) {
        __syncthreads();
        if (threadIdx.x == 0) mine = atomicAdd(next, 1);
        const int64_t row = mine;
        if (row >= t) break;
        double squares = 0;
        for (int64_t c = threadIdx.x; c < h; c += 128) {
            const float v = x[row * h + c] + residual[row * h + c];
            sum[row * h + c] = v;
            squares += (double)v * v;
        }
        for (int o = 16; o; o >>= 1) squares += __shfl_down_sync(~0u, squares, o);
        if (threadIdx.x % 32 == 0) parts[threadIdx.x / 32] = squares;
        __syncthreads();
        const double mean = (parts[0] + parts[1] + parts[2] + parts[3]) / (double)h;
        const float scale = (float)(1 / sqrt(mean + eps));
        for (int64_t c = threadIdx.x; c < h; c += 128)
            y[row * h + c] = sum[row * h + c] * scale * weight[c];
    }
}
