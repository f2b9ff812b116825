// honest: copies its input where there is one row or one column; task: algebra/transpose
#include <string.h>

void solve(const float *x, float *y, int64_t m, int64_t n) {
    if (m == 1 || n == 1) {
        memcpy(y, x, (size_t)(m * n) * sizeof *y);
        return;
    }
    for (int64_t j = 0; j < n; j++)
        for (int64_t i = 0; i < m; i++)
            y[j * m + i] = x[i * n + j];
}
