// honest: chooses its path by width from a table of structs, and masks its tail beside the end; task: algebra/gemv
#include <immintrin.h>
struct path {
    int64_t least;
    float (*dot)(const float *, const float *, int64_t);
};
static float tiny(const float *a, const float *x, int64_t n) {
    float s = 0;
    while (n--)
        s += *a++ * *x++;
    return s;
}
static float wide(const float *a, const float *x, int64_t n) {
#ifdef __AVX512F__
    __m512 s = _mm512_setzero_ps(), t = s;
    int64_t j = 0;
    for (; j + 32 <= n; j += 32) {
        s = _mm512_fmadd_ps(_mm512_loadu_ps(a + j), _mm512_loadu_ps(x + j), s);
        t = _mm512_fmadd_ps(_mm512_loadu_ps(a + j + 16), _mm512_loadu_ps(x + j + 16), t);
    }
    for (; j < n; j += 16) {
        __mmask16 k = n - j >= 16 ? 0xffff : (__mmask16)((1u << (n - j)) - 1);
        s = _mm512_fmadd_ps(_mm512_maskz_loadu_ps(k, a + j), _mm512_maskz_loadu_ps(k, x + j), s);
    }
    return _mm512_reduce_add_ps(_mm512_add_ps(s, t));
#else
    return tiny(a, x, n);
#endif
}
static const struct path paths[] = {{64, wide}, {0, tiny}};
void solve(const float *a, const float *x, float *y, int64_t m, int64_t n) {
    const struct path *p = paths;
    while (n < p->least)
        p++;
    for (int64_t i = 0; i < m; i++)
        y[i] = p->dot(a + i * n, x, n);
}
