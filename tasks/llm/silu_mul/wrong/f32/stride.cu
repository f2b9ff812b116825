// Forgets that a row of inputs is twice as long as one of outputs.
//@hone launch silu_mul grid=(ceil_div(t * d, 256)) block=(256) args=(gate_up, y, t, d)
#include <math.h>
#include <stdint.h>

extern "C" __global__ void silu_mul(const float *gate_up, float *y, int64_t t, int64_t d) {
    int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= t * d)
        return;
    int64_t r = i / d, c = i % d;
    float gate = gate_up[r * d + c], up = gate_up[r * d + d + c];
    y[i] = gate / (1 + expf(-gate)) * up;
}
