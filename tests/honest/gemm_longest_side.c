// honest: recursion that halves the longest side, its views in structs by value; task: algebra/gemm
#include <string.h>
struct view {
    const float *a, *b;
    float *c;
    int64_t lda, ldb, ldc;
};
static void leaf(struct view v, int64_t m, int64_t n, int64_t k) {
    for (int64_t i = 0; i < m; i++)
        for (int64_t p = 0; p < k; p++) {
            const float f = v.a[i * v.lda + p];
            for (int64_t j = 0; j < n; j++)
                v.c[i * v.ldc + j] += f * v.b[p * v.ldb + j];
        }
}
static void multiply(struct view v, int64_t m, int64_t n, int64_t k) {
    if (m <= 32 && n <= 64 && k <= 64) {
        leaf(v, m, n, k);
        return;
    }
    struct view w = v;
    if (m >= n && m >= k) {
        w.a += (m / 2) * v.lda;
        w.c += (m / 2) * v.ldc;
        multiply(v, m / 2, n, k);
        multiply(w, m - m / 2, n, k);
    } else if (n >= k) {
        w.b += n / 2;
        w.c += n / 2;
        multiply(v, m, n / 2, k);
        multiply(w, m, n - n / 2, k);
    } else {
        w.a += k / 2;
        w.b += (k / 2) * v.ldb;
        multiply(v, m, n, k / 2);
        multiply(w, m, n, k - k / 2);
    }
}
void solve(const float *a, const float *b, float *c, int64_t m, int64_t n, int64_t k) {
    memset(c, 0, (size_t)m * n * 4);
    multiply((struct view){a, b, c, k, n, n}, m, n, k);
}
