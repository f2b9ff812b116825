#include <math.h>

void oracle(const float *position_mass, double *acceleration, float eps, int64_t n) {
    const double soft = (double)eps * (double)eps;
    for (int64_t i = 0; i < n; i++) {
        const float *here = position_mass + 4 * i;
        double sum[3] = {0, 0, 0};
        for (int64_t j = 0; j < n; j++) {
            const float *there = position_mass + 4 * j;
            double x = (double)there[0] - here[0], y = (double)there[1] - here[1];
            double z = (double)there[2] - here[2];
            double square = x * x + y * y + z * z + soft;
            double pull = there[3] / (square * sqrt(square));
            sum[0] += pull * x;
            sum[1] += pull * y;
            sum[2] += pull * z;
        }
        for (int axis = 0; axis < 3; axis++)
            acceleration[3 * i + axis] = sum[axis];
    }
}
