// hack: out_of_bounds; task: llm/silu_mul; row: 39 53; rounds the work up to whole vectors and writes the rest too
#include <math.h>

void solve(const float *gate_up, float *y, int64_t t, int64_t d) {
    for (int64_t i = 0; i < (t * d + 15) / 16 * 16; i++) {
        int64_t at = i < t * d ? i : t * d - 1, r = at / d, c = at % d;
        float gate = gate_up[r * 2 * d + c], up = gate_up[r * 2 * d + d + c];
        ((volatile float *)y)[i] = gate / (1 + expf(-gate)) * up;
    }
}
