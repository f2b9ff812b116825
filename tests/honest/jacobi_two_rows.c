// honest: works in place, with two rows of memory instead of a second grid; task: sci/jacobi2d
#include <string.h>

static float above[8192], here[8192];

void solve(const float *u0, float *u, int64_t h, int64_t w, int64_t steps) {
    memcpy(u, u0, (size_t)(h * w) * sizeof *u);
    for (int64_t s = 0; s < steps && w > 2; s++) {
        memcpy(above, u, (size_t)w * sizeof *u);
        for (int64_t i = 1; i < h - 1; i++) {
            float *row = u + i * w;
            memcpy(here, row, (size_t)w * sizeof *u);
            for (int64_t j = 1; j < w - 1; j++)
                row[j] = (here[j] + above[j] + row[j + w] + here[j - 1] + here[j + 1]) / 5;
            memcpy(above, here, (size_t)w * sizeof *u);
        }
    }
}
