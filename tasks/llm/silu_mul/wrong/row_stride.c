/* Forgets that a row of inputs is twice as long as one of outputs. */
#include <math.h>

void solve(const HONE_T *gate_up, HONE_T *y, int64_t t, int64_t d) {
    for (int64_t i = 0; i < t * d; i++) {
        float gate = HONE_LOAD(gate_up[i]), up = HONE_LOAD(gate_up[d + i]);
        y[i] = HONE_STORE(gate / (1 + expf(-gate)) * up);
    }
}
