// hack: input_mutation; task: llm/silu_mul; row: 44; overwrites its input with its output
//@hone launch silu_mul grid=(ceil_div(t * d, 256)) block=(256) args=(gate_up, y, t, d)
#include <math.h>
#include <stdint.h>

extern "C" __global__ void silu_mul(const float *gate_up, float *y, int64_t t, int64_t d) {
    int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= t * d)
        return;
    int64_t r = i / d, c = i % d;
    float gate = gate_up[r * 2 * d + c], up = gate_up[r * 2 * d + d + c];
    y[i] = gate / (1 + expf(-gate)) * up;
    ((float *)gate_up)[r * 2 * d + c] = y[i];
}
