// honest: half of the work that the cost counts, for forces are mutual; task: sci/nbody
#include <math.h>
#include <string.h>

void solve(const float *position_mass, float *acceleration, float eps, int64_t n) {
    memset(acceleration, 0, (size_t)(3 * n) * sizeof *acceleration);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = i + 1; j < n; j++) {
            const float *p = position_mass + 4 * i, *q = position_mass + 4 * j;
            const float x = q[0] - p[0], y = q[1] - p[1], z = q[2] - p[2];
            const float square = x * x + y * y + z * z + eps * eps;
            const float cube = 1 / (square * sqrtf(square));
            const float to = q[3] * cube, from = p[3] * cube;
            acceleration[3 * i] += to * x;
            acceleration[3 * i + 1] += to * y;
            acceleration[3 * i + 2] += to * z;
            acceleration[3 * j] -= from * x;
            acceleration[3 * j + 1] -= from * y;
            acceleration[3 * j + 2] -= from * z;
        }
}
