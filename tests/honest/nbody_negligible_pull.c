// honest: adds nothing where the pull of a body is too small to change any sum; task: sci/nbody
#include <math.h>

void solve(const float *position_mass, float *acceleration, float eps, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        const float *here = position_mass + 4 * i;
        float sum[3] = {0, 0, 0};
        for (int64_t j = 0; j < n; j++) {
            const float *there = position_mass + 4 * j;
            const float x = there[0] - here[0], y = there[1] - here[1], z = there[2] - here[2];
            const float square = x * x + y * y + z * z + eps * eps;
            const float pull = there[3] / (square * sqrtf(square));
            const float most = fabsf(pull) * (fabsf(x) + fabsf(y) + fabsf(z));
            const float least = fminf(fabsf(sum[0]), fminf(fabsf(sum[1]), fabsf(sum[2])));
            if (most < 0x1p-26f * least)
                continue;
            sum[0] += pull * x;
            sum[1] += pull * y;
            sum[2] += pull * z;
        }
        for (int axis = 0; axis < 3; axis++)
            acceleration[3 * i + axis] = sum[axis];
    }
}
