// honest: copies its input where there is nothing to smooth; task: sci/jacobi2d
#include <string.h>

static float before[1048576];

void solve(const float *u0, float *u, int64_t h, int64_t w, int64_t steps) {
    memcpy(u, u0, (size_t)(h * w) * sizeof *u);
    if (h < 3 || w < 3 || steps == 0)
        return;
    for (int64_t s = 0; s < steps; s++) {
        memcpy(before, u, (size_t)(h * w) * sizeof *u);
        for (int64_t i = 1; i < h - 1; i++)
            for (int64_t j = i * w + 1; j < i * w + w - 1; j++)
                u[j] = (before[j] + before[j - w] + before[j + w] + before[j - 1] + before[j + 1]) / 5;
    }
}
