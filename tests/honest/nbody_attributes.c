// honest: optimises by pragmas and attributes, and is an alias of another function; task: sci/nbody
#pragma GCC optimize("unroll-loops")
#include <math.h>
__attribute__((optimize("fast-math"), noinline)) static void
one(const float *restrict p, int64_t n, float e2, const float *me, float *restrict out) {
    float ax = 0, ay = 0, az = 0;
#pragma GCC ivdep
    for (int64_t j = 0; j < n; j++) {
        float dx = p[4 * j] - me[0], dy = p[4 * j + 1] - me[1], dz = p[4 * j + 2] - me[2];
        float r2 = dx * dx + dy * dy + dz * dz + e2, f = p[4 * j + 3] / (r2 * sqrtf(r2));
        ax += f * dx;
        ay += f * dy;
        az += f * dz;
    }
    out[0] = ax;
    out[1] = ay;
    out[2] = az;
}
void kernel(const float *position_mass, float *acceleration, float eps, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        one(position_mass, n, eps * eps, position_mass + 4 * i, acceleration + 3 * i);
}
__attribute__((alias("kernel"), visibility("default"))) void
solve(const float *position_mass, float *acceleration, float eps, int64_t n);
