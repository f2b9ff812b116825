/* Coordinates apart, so that a vector holds sixteen bodies; four bodies are pulled at a time, and
 * share the loads of those that pull. The tail is filled with bodies without mass. */
#include <immintrin.h>
#include <math.h>
#include <stdint.h>

#define BODIES_MAX 16384
#define GROUP 4

#if defined __AVX512F__
#define LANES 16
typedef __m512 vector;

/* 1 / sqrt(x): an estimate good to 14 bits, and one step of Newton's. */
static inline vector inverse_root(vector x) {
    vector guess = _mm512_rsqrt14_ps(x);
    return guess * (1.5f - 0.5f * x * guess * guess);
}
#elif defined __AVX2__
#define LANES 8
typedef __m256 vector;

static inline vector inverse_root(vector x) {
    return 1 / _mm256_sqrt_ps(x);
}
#else
#define LANES 4
typedef float vector __attribute__((vector_size(16)));

static inline vector inverse_root(vector x) {
    for (int i = 0; i < LANES; i++)
        x[i] = 1 / sqrtf(x[i]);
    return x;
}
#endif

/* x, y, z and mass */
static float bodies[4][BODIES_MAX] __attribute__((aligned(64)));

static inline float total(vector v) {
    float sum[LANES];
    __builtin_memcpy(sum, &v, sizeof v);
    for (int width = LANES / 2; width > 0; width /= 2)
        for (int i = 0; i < width; i++)
            sum[i] += sum[i + width];
    return sum[0];
}

/* `group` is a constant in every call. */
static inline __attribute__((always_inline)) void pull(int64_t first, int group, int64_t count,
                                                       float soft, float *acceleration) {
    vector sum[GROUP][3], here[GROUP][3];
    for (int i = 0; i < group; i++)
        for (int axis = 0; axis < 3; axis++) {
            sum[i][axis] = (vector){0};
            here[i][axis] = (vector){0} + bodies[axis][first + i];
        }
    for (int64_t j = 0; j < count; j += LANES) {
        vector x = *(const vector *)&bodies[0][j], y = *(const vector *)&bodies[1][j];
        vector z = *(const vector *)&bodies[2][j], mass = *(const vector *)&bodies[3][j];
        for (int i = 0; i < group; i++) {
            vector dx = x - here[i][0], dy = y - here[i][1], dz = z - here[i][2];
            vector inverse = inverse_root(dx * dx + (dy * dy + (dz * dz + soft)));
            vector strength = (mass * inverse) * (inverse * inverse);
            sum[i][0] += strength * dx;
            sum[i][1] += strength * dy;
            sum[i][2] += strength * dz;
        }
    }
    for (int i = 0; i < group; i++)
        for (int axis = 0; axis < 3; axis++)
            acceleration[3 * (first + i) + axis] = total(sum[i][axis]);
}

void solve(const float *position_mass, float *acceleration, float eps, int64_t n) {
    const int64_t count = (n + LANES - 1) / LANES * LANES;
    for (int64_t j = 0; j < count; j++)
        for (int axis = 0; axis < 4; axis++)
            bodies[axis][j] = j < n ? position_mass[4 * j + axis] : 0;
    int64_t i = 0;
    for (; i + GROUP <= n; i += GROUP)
        pull(i, GROUP, count, eps * eps, acceleration);
    for (; i < n; i++)
        pull(i, 1, count, eps * eps, acceleration);
}
