// honest: moves numbers as if they were integers, and never computes; task: algebra/transpose
#include <string.h>

void solve(const float *x, float *y, int64_t m, int64_t n) {
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++) {
            uint32_t word;
            memcpy(&word, x + i * n + j, sizeof word);
            memcpy(y + j * m + i, &word, sizeof word);
        }
}
