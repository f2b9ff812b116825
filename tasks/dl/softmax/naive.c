#include <math.h>

static float row[65536];

void solve(const HONE_T *x, HONE_T *y, int64_t rows, int64_t cols) {
    for (int64_t r = 0; r < rows; r++) {
        const HONE_T *in = x + r * cols;
        HONE_T *out = y + r * cols;
        float largest = HONE_LOAD(in[0]);
        for (int64_t c = 1; c < cols; c++)
            largest = HONE_LOAD(in[c]) > largest ? HONE_LOAD(in[c]) : largest;
        float sum = 0;
        for (int64_t c = 0; c < cols; c++) {
            row[c] = expf(HONE_LOAD(in[c]) - largest);
            sum += row[c];
        }
        for (int64_t c = 0; c < cols; c++)
            out[c] = HONE_STORE(row[c] / sum);
    }
}
