/* Forgets that a row of inputs is twice as long as one of outputs. */
#include <math.h>

void solve(const float *gate_up, float *y, int64_t t, int64_t d) {
    for (int64_t i = 0; i < t * d; i++) {
        float gate = gate_up[i], up = gate_up[d + i];
        y[i] = gate / (1 + expf(-gate)) * up;
    }
}
