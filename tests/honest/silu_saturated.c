// honest: no exponential where single precision cannot tell the difference; task: llm/silu_mul
#include <math.h>

void solve(const float *gate_up, float *y, int64_t t, int64_t d) {
    for (int64_t r = 0; r < t; r++)
        for (int64_t c = 0; c < d; c++) {
            const float gate = gate_up[r * 2 * d + c], up = gate_up[r * 2 * d + d + c];
            if (gate > 20)
                y[r * d + c] = gate * up;
            else
                y[r * d + c] = gate / (1 + expf(-gate)) * up;
        }
}
