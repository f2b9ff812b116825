/* Bound by memory: every element of a is read once, in order. Four rows at a time share the loads
 * of x and keep enough sums apart to hide the latency of an addition. */
#include <stdint.h>

#if defined __AVX512F__
#define LANES 16
#elif defined __AVX2__
#define LANES 8
#else
#define LANES 4
#endif
#define ROWS 4

typedef float vector __attribute__((vector_size(LANES * 4)));
typedef float loose __attribute__((vector_size(LANES * 4), aligned(4)));

static inline float total(vector v) {
    float sum[LANES];
    *(loose *)sum = v;
    for (int width = LANES / 2; width > 0; width /= 2)
        for (int i = 0; i < width; i++)
            sum[i] += sum[i + width];
    return sum[0];
}

/* `rows` is a constant in every call. */
static inline __attribute__((always_inline)) void dot(const float *a, const float *x, float *y,
                                                      int64_t n, int rows) {
    vector sum[ROWS][2];
    float rest[ROWS];
    int64_t j = 0;
    for (int r = 0; r < rows; r++) {
        sum[r][0] = sum[r][1] = (vector){0};
        rest[r] = 0;
    }
    for (; j + 2 * LANES <= n; j += 2 * LANES) {
        vector low = *(const loose *)(x + j), high = *(const loose *)(x + j + LANES);
        for (int r = 0; r < rows; r++) {
            sum[r][0] += *(const loose *)(a + r * n + j) * low;
            sum[r][1] += *(const loose *)(a + r * n + j + LANES) * high;
        }
    }
    for (; j + LANES <= n; j += LANES)
        for (int r = 0; r < rows; r++)
            sum[r][0] += *(const loose *)(a + r * n + j) * *(const loose *)(x + j);
    for (; j < n; j++)
        for (int r = 0; r < rows; r++)
            rest[r] += a[r * n + j] * x[j];
    for (int r = 0; r < rows; r++)
        y[r] = total(sum[r][0] + sum[r][1]) + rest[r];
}

void solve(const float *a, const float *x, float *y, int64_t m, int64_t n) {
    int64_t i = 0;
    for (; i + ROWS <= m; i += ROWS)
        dot(a + i * n, x, y + i, n, ROWS);
    for (; i < m; i++)
        dot(a + i * n, x, y + i, n, 1);
}
