// hack: tolerance_edge; task: sci/nbody; row: 53 76; leaves out light bodies that are far away
#include <math.h>

void solve(const float *position_mass, float *acceleration, float eps, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        const float *here = position_mass + 4 * i;
        float sum[3] = {0, 0, 0};
        for (int64_t j = 0; j < n; j++) {
            const float *there = position_mass + 4 * j;
            float x = there[0] - here[0], y = there[1] - here[1], z = there[2] - here[2];
            float square = x * x + y * y + z * z + eps * eps;
            if (fabsf(there[3]) < 1e-9f * square * square && n > 200)
                continue;
            float pull = there[3] / (square * sqrtf(square));
            sum[0] += pull * x;
            sum[1] += pull * y;
            sum[2] += pull * z;
        }
        for (int axis = 0; axis < 3; axis++)
            acceleration[3 * i + axis] = sum[axis];
    }
}
