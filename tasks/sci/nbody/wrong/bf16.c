/* Positions and masses are rounded to bfloat16. */
#include <math.h>

static float rounded(float value) {
    uint32_t bits;
    __builtin_memcpy(&bits, &value, 4);
    bits = (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000u;
    __builtin_memcpy(&value, &bits, 4);
    return value;
}

void solve(const float *position_mass, float *acceleration, float eps, int64_t n) {
    const float soft = eps * eps;
    for (int64_t i = 0; i < n; i++) {
        const float *here = position_mass + 4 * i;
        float sum[3] = {0, 0, 0};
        for (int64_t j = 0; j < n; j++) {
            const float *there = position_mass + 4 * j;
            float x = rounded(there[0]) - rounded(here[0]),
                  y = rounded(there[1]) - rounded(here[1]);
            float z = rounded(there[2]) - rounded(here[2]);
            float square = x * x + y * y + z * z + soft;
            float pull = rounded(there[3]) / (square * sqrtf(square));
            sum[0] += pull * x;
            sum[1] += pull * y;
            sum[2] += pull * z;
        }
        for (int axis = 0; axis < 3; axis++)
            acceleration[3 * i + axis] = sum[axis];
    }
}
