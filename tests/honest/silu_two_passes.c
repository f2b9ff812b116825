// honest: the output holds something else between its two steps; task: llm/silu_mul
//@hone call gates args=(gate_up, y, t, d)
//@hone call multiply args=(gate_up, y, t, d)
#include <math.h>

void gates(const float *gate_up, float *y, int64_t t, int64_t d) {
    for (int64_t r = 0; r < t; r++)
        for (int64_t c = 0; c < d; c++)
            y[r * d + c] = 1 / (1 + expf(-gate_up[r * 2 * d + c]));
}

void multiply(const float *gate_up, float *y, int64_t t, int64_t d) {
    for (int64_t r = 0; r < t; r++)
        for (int64_t c = 0; c < d; c++)
            y[r * d + c] *= gate_up[r * 2 * d + c] * gate_up[r * 2 * d + d + c];
}
