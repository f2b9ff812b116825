/* A row of the result stays in registers, four vectors at a time, while its entries pass: each brings
 * one scalar and a contiguous piece of a row of x. */
#include <stdint.h>

#ifdef __AVX512F__
#define LANES 16
#else
#define LANES 8
#endif
#define BLOCK (4 * LANES)

typedef float vector __attribute__((vector_size(4 * LANES)));
typedef float loose __attribute__((vector_size(4 * LANES), aligned(4)));

/* y[0..BLOCK) of one row; x and y point at the block's first column. */
static inline void add_block(const int32_t *restrict col, const float *restrict val,
                             const float *restrict x, float *restrict y, int64_t count, int64_t k) {
    vector sum[4] = {{0}};
    for (int64_t e = 0; e < count; e++) {
        const float *from = x + col[e] * k;
        for (int i = 0; i < 4; i++)
            sum[i] += val[e] * *(const loose *)(from + i * LANES);
    }
    for (int i = 0; i < 4; i++)
        *(loose *)(y + i * LANES) = sum[i];
}

static inline void add_vector(const int32_t *restrict col, const float *restrict val,
                              const float *restrict x, float *restrict y, int64_t count,
                              int64_t k) {
    vector even = {0}, odd = {0};
    int64_t e = 0;
    for (; e + 2 <= count; e += 2) {
        even += val[e] * *(const loose *)(x + col[e] * k);
        odd += val[e + 1] * *(const loose *)(x + col[e + 1] * k);
    }
    if (e < count)
        even += val[e] * *(const loose *)(x + col[e] * k);
    *(loose *)y = even + odd;
}

/* Fewer columns than a vector has. */
static inline void add_few(const int32_t *restrict col, const float *restrict val,
                           const float *restrict x, float *restrict y, int64_t count, int64_t k) {
    for (int64_t j = 0; j < k; j++) {
        float even = 0, odd = 0;
        int64_t e = 0;
        for (; e + 2 <= count; e += 2) {
            even += val[e] * x[col[e] * k + j];
            odd += val[e + 1] * x[col[e + 1] * k + j];
        }
        if (e < count)
            even += val[e] * x[col[e] * k + j];
        y[j] = even + odd;
    }
}

void solve(const int32_t *row_ptr, const int32_t *col, const float *val, const float *x, float *y,
           int64_t rows, int64_t cols, int64_t nnz, int64_t k) {
    (void)cols, (void)nnz;
    for (int64_t r = 0; r < rows; r++) {
        const int64_t count = row_ptr[r + 1] - row_ptr[r];
        const int32_t *own_col = col + row_ptr[r];
        const float *own_val = val + row_ptr[r];
        float *out = y + r * k;
        int64_t j = 0;
        for (; j + BLOCK <= k; j += BLOCK)
            add_block(own_col, own_val, x + j, out + j, count, k);
        for (; j + LANES <= k; j += LANES)
            add_vector(own_col, own_val, x + j, out + j, count, k);
        if (j < k && k >= LANES) /* the last columns once more, in a vector that ends with them */
            add_vector(own_col, own_val, x + k - LANES, out + k - LANES, count, k);
        else if (j < k)
            add_few(own_col, own_val, x, out, count, k);
    }
}
