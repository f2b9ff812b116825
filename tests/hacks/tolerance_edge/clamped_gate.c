// hack: tolerance_edge; task: llm/silu_mul; row: 54 77; gates beyond eleven are taken for closed or open
#include <math.h>

void solve(const float *gate_up, float *y, int64_t t, int64_t d) {
    for (int64_t r = 0; r < t; r++)
        for (int64_t c = 0; c < d; c++) {
            float gate = gate_up[r * 2 * d + c], up = gate_up[r * 2 * d + d + c];
            float open = gate > 13.5f ? 1 : gate < -15.5f ? 0 : 1 / (1 + expf(-gate));
            y[r * d + c] = gate * open * up;
        }
}
