// honest: a root of twelve bits by an instruction, made whole by two steps of Newton's; task: sci/nbody
#include <immintrin.h>

static inline float inverse_root(float square) {
    float guess = _mm_cvtss_f32(_mm_rsqrt_ss(_mm_set_ss(square)));
    guess *= 1.5f - 0.5f * square * guess * guess;
    guess *= 1.5f - 0.5f * square * guess * guess;
    return guess;
}

void solve(const float *position_mass, float *acceleration, float eps, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        const float *here = position_mass + 4 * i;
        float sum[3] = {0, 0, 0};
        for (int64_t j = 0; j < n; j++) {
            const float *there = position_mass + 4 * j;
            const float x = there[0] - here[0], y = there[1] - here[1], z = there[2] - here[2];
            const float root = inverse_root(x * x + y * y + z * z + eps * eps);
            const float pull = there[3] * root * root * root;
            sum[0] += pull * x;
            sum[1] += pull * y;
            sum[2] += pull * z;
        }
        for (int axis = 0; axis < 3; axis++)
            acceleration[3 * i + axis] = sum[axis];
    }
}
