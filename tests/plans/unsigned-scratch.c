// dl/softmax passed
//@hone workspace order u32[rows * cols]
//@hone workspace bits u64[rows] zero
//@hone call turn args=(x, order, bits, rows, cols)
//@hone call divide args=(x, order, bits, y, rows, cols)
#include <math.h>
#include <string.h>
/* Bits that are ordered as the floats they are of, and the largest of each row. */
void turn(const float *x, uint32_t *order, uint64_t *bits, int64_t rows, int64_t cols) {
    for (int64_t i = 0; i < rows * cols; i++) {
        memcpy(&order[i], &x[i], 4);
        order[i] = order[i] & 0x80000000u ? ~order[i] : order[i] | 0x80000000u;
        bits[i / cols] = order[i] > bits[i / cols] ? order[i] : bits[i / cols];
    }
}
void divide(const float *x, const uint32_t *order, const uint64_t *bits, float *y, int64_t rows,
            int64_t cols) {
    for (int64_t i = 0; i < rows; i++) {
        uint32_t most = (uint32_t)bits[i];
        most = most & 0x80000000u ? most & 0x7fffffffu : ~most;
        float largest;
        memcpy(&largest, &most, 4);
        double sum = 0;
        for (int64_t j = 0; j < cols; j++)
            sum += expf(x[i * cols + j] - largest);
        for (int64_t j = 0; j < cols; j++)
            y[i * cols + j] =
                (float)(order[i * cols + j] <= bits[i] ? expf(x[i * cols + j] - largest) / sum : 0);
    }
}
