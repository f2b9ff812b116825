// honest: copies all inputs into static memory first, and computes from there; task: sci/nbody
#include <math.h>

static float px[16384], py[16384], pz[16384], mass[16384];

void solve(const float *position_mass, float *acceleration, float eps, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        px[i] = position_mass[4 * i];
        py[i] = position_mass[4 * i + 1];
        pz[i] = position_mass[4 * i + 2];
        mass[i] = position_mass[4 * i + 3];
    }
    for (int64_t i = 0; i < n; i++) {
        float a = 0, b = 0, c = 0;
#pragma omp simd reduction(+ : a, b, c)
        for (int64_t j = 0; j < n; j++) {
            const float x = px[j] - px[i], y = py[j] - py[i], z = pz[j] - pz[i];
            const float square = x * x + y * y + z * z + eps * eps;
            const float pull = mass[j] / (square * sqrtf(square));
            a += pull * x;
            b += pull * y;
            c += pull * z;
        }
        acceleration[3 * i] = a;
        acceleration[3 * i + 1] = b;
        acceleration[3 * i + 2] = c;
    }
}
