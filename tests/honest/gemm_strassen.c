// honest: Strassen's algorithm, whose sums of factors lose bits and whose errors are larger; task: algebra/gemm
/* Two levels where all sizes divide by four and it pays (Strassen, 1969). */
#include <string.h>

#define LEVELS 2
#define MOST 512

static float left[LEVELS][MOST * MOST / 4], right[LEVELS][MOST * MOST / 4];
static float product[LEVELS][7][MOST * MOST / 4];

struct matrix {
    const float *at;
    int64_t stride;
};

static struct matrix part(struct matrix whole, int64_t row, int64_t column) {
    return (struct matrix){whole.at + row * whole.stride + column, whole.stride};
}

static struct matrix sum(struct matrix one, float sign, struct matrix other, int64_t rows,
                         int64_t columns, float *to) {
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++)
            to[i * columns + j] = one.at[i * one.stride + j] + sign * other.at[i * other.stride + j];
    return (struct matrix){to, columns};
}

static void plain(struct matrix a, struct matrix b, float *c, int64_t m, int64_t n, int64_t k) {
    for (int64_t i = 0; i < m; i++) {
        memset(c + i * n, 0, (size_t)n * sizeof *c);
        for (int64_t p = 0; p < k; p++)
            for (int64_t j = 0; j < n; j++)
                c[i * n + j] += a.at[i * a.stride + p] * b.at[p * b.stride + j];
    }
}

static void multiply(struct matrix a, struct matrix b, float *c, int64_t m, int64_t n, int64_t k,
                     int level) {
    if (level == LEVELS || m % 2 || n % 2 || k % 2 || m > MOST || n > MOST || k > MOST) {
        plain(a, b, c, m, n, k);
        return;
    }
    const int64_t h = m / 2, w = n / 2, d = k / 2;
    const struct matrix a11 = a, a12 = part(a, 0, d), a21 = part(a, h, 0), a22 = part(a, h, d);
    const struct matrix b11 = b, b12 = part(b, 0, w), b21 = part(b, d, 0), b22 = part(b, d, w);
    float *s = left[level], *t = right[level], (*p)[MOST * MOST / 4] = product[level];
    multiply(sum(a11, 1, a22, h, d, s), sum(b11, 1, b22, d, w, t), p[0], h, w, d, level + 1);
    multiply(sum(a21, 1, a22, h, d, s), b11, p[1], h, w, d, level + 1);
    multiply(a11, sum(b12, -1, b22, d, w, t), p[2], h, w, d, level + 1);
    multiply(a22, sum(b21, -1, b11, d, w, t), p[3], h, w, d, level + 1);
    multiply(sum(a11, 1, a12, h, d, s), b22, p[4], h, w, d, level + 1);
    multiply(sum(a21, -1, a11, h, d, s), sum(b11, 1, b12, d, w, t), p[5], h, w, d, level + 1);
    multiply(sum(a12, -1, a22, h, d, s), sum(b21, 1, b22, d, w, t), p[6], h, w, d, level + 1);
    for (int64_t i = 0; i < h; i++)
        for (int64_t j = 0; j < w; j++) {
            const int64_t at = i * w + j;
            c[i * n + j] = p[0][at] + p[3][at] - p[4][at] + p[6][at];
            c[i * n + w + j] = p[2][at] + p[4][at];
            c[(h + i) * n + j] = p[1][at] + p[3][at];
            c[(h + i) * n + w + j] = p[0][at] - p[1][at] + p[2][at] + p[5][at];
        }
}

void solve(const float *a, const float *b, float *c, int64_t m, int64_t n, int64_t k) {
    multiply((struct matrix){a, k}, (struct matrix){b, n}, c, m, n, k, 0);
}
