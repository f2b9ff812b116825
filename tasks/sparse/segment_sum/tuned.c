/* A row is added by whole vectors, and by one that ends with the row for what is left. That one
 * overlaps them, so it is read before they are written. Rows of one vector need nothing else. */
#include <stdint.h>
#include <string.h>

#define NARROW(LANES)                                                                              \
    typedef float vector_##LANES __attribute__((vector_size(4 * LANES), aligned(4)));              \
    static void add_exactly_##LANES(const int32_t *restrict index, const float *restrict v,        \
                                    float *restrict y, int64_t n) {                                \
        for (int64_t i = 0; i < n; i++)                                                            \
            *(vector_##LANES *)(y + (int64_t)index[i] * LANES) +=                                  \
                *(const vector_##LANES *)(v + i * LANES);                                          \
    }
NARROW(1)
NARROW(2)
NARROW(4)
NARROW(8)

#define WIDE(LANES)                                                                                \
    static void add_from_##LANES(const int32_t *restrict index, const float *restrict v,           \
                                 float *restrict y, int64_t n, int64_t d) {                        \
        for (int64_t i = 0; i < n; i++) {                                                          \
            float *sum = y + index[i] * d, *end = sum + d - LANES;                                 \
            const float *from = v + i * d;                                                         \
            vector_##LANES last =                                                                  \
                *(vector_##LANES *)end + *(const vector_##LANES *)(from + d - LANES);              \
            for (int64_t j = 0; j + LANES <= d; j += LANES)                                        \
                *(vector_##LANES *)(sum + j) += *(const vector_##LANES *)(from + j);               \
            *(vector_##LANES *)end = last;                                                         \
        }                                                                                          \
    }
WIDE(2)
WIDE(4)
WIDE(8)

void solve(const int32_t *index, const float *v, float *y, int64_t n, int64_t d, int64_t s) {
    memset(y, 0, (size_t)(s * d) * sizeof *y);
    switch (d) {
    case 1:
        return add_exactly_1(index, v, y, n);
    case 2:
        return add_exactly_2(index, v, y, n);
    case 3:
        return add_from_2(index, v, y, n, d);
    case 4:
        return add_exactly_4(index, v, y, n);
    case 5:
    case 6:
    case 7:
        return add_from_4(index, v, y, n, d);
    case 8:
        return add_exactly_8(index, v, y, n);
    default:
        return add_from_8(index, v, y, n, d);
    }
}
