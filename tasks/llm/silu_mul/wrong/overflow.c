/* exp(g) of a large gate overflows, and infinity over infinity is no number. */
#include <math.h>

void solve(const HONE_T *gate_up, HONE_T *y, int64_t t, int64_t d) {
    for (int64_t r = 0; r < t; r++)
        for (int64_t c = 0; c < d; c++) {
            float gate = HONE_LOAD(gate_up[r * 2 * d + c]), up = HONE_LOAD(gate_up[r * 2 * d + d + c]);
            y[r * d + c] = HONE_STORE(gate * expf(gate) / (1 + expf(gate)) * up);
        }
}
