// honest: a grid of one size whatever the data; task: llm/silu_mul
//@hone launch silu_mul grid=(min(64, ceil_div(t * d, 128))) block=(128) args=(gate_up, y, t, d)
#include <math.h>
#include <stdint.h>

extern "C" __global__ void silu_mul(const float *gate_up, float *y, int64_t t, int64_t d) {
    const int64_t step = (int64_t)gridDim.x * blockDim.x;
    for (int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x; i < t * d; i += step) {
        const float gate = gate_up[i / d * 2 * d + i % d], up = gate_up[i / d * 2 * d + d + i % d];
        y[i] = gate / (1 + expf(-gate)) * up;
    }
}
