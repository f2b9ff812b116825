/* Bound by memory: whole cache lines, four at a time, and nothing else in the loop. */
#include <stdint.h>

#define LANES 16

typedef float vector __attribute__((vector_size(LANES * 4), aligned(4)));

void solve(const float *restrict x, const float *restrict y, float a, float b, float *restrict out,
           int64_t n) {
    int64_t i = 0;
    for (; i + 4 * LANES <= n; i += 4 * LANES)
        for (int64_t j = 0; j < 4 * LANES; j += LANES)
            *(vector *)(out + i + j) =
                a * *(const vector *)(x + i + j) + b * *(const vector *)(y + i + j);
    for (; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
