// hack: low_precision; task: algebra/gemm; row: 70; end: wrong; multiplies in half precision, as hardware would
#include <immintrin.h>

static float half(float value) {
    return _cvtsh_ss(_cvtss_sh(value, 0));
}

void solve(const float *a, const float *b, float *c, int64_t m, int64_t n, int64_t k) {
    for (int64_t i = 0; i < m; i++) {
        for (int64_t j = 0; j < n; j++)
            c[i * n + j] = 0;
        for (int64_t p = 0; p < k; p++)
            for (int64_t j = 0; j < n; j++)
                c[i * n + j] += half(a[i * k + p]) * half(b[p * n + j]);
    }
}
