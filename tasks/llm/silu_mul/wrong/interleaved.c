/* Takes gates and values by turns instead of half by half. */
#include <math.h>

void solve(const float *gate_up, float *y, int64_t t, int64_t d) {
    for (int64_t i = 0; i < t * d; i++) {
        float gate = gate_up[2 * i], up = gate_up[2 * i + 1];
        y[i] = gate / (1 + expf(-gate)) * up;
    }
}
