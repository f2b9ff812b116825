#include <math.h>

void oracle(const double *gate_up, double *y, int64_t t, int64_t d) {
    for (int64_t r = 0; r < t; r++)
        for (int64_t c = 0; c < d; c++) {
            double gate = gate_up[r * 2 * d + c], up = gate_up[r * 2 * d + d + c];
            y[r * d + c] = up * (gate / (1 + exp(-gate)));
        }
}
