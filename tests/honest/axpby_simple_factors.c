// honest: does less when a factor is one or zero, as mathematics allows; task: algebra/axpby
#include <string.h>

void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    if (a == 1 && b == 0) {
        memcpy(out, x, (size_t)n * sizeof *out);
        return;
    }
    if (b == 0) {
        for (int64_t i = 0; i < n; i++)
            out[i] = a * x[i];
        return;
    }
    for (int64_t i = 0; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
