// honest: writes around the caches, much faster or slower than others; task: algebra/axpby
#include <immintrin.h>

void solve(const float *x, const float *y, float a, float b, float *out, int64_t n) {
    int64_t i = 0;
    for (; i < n && (uintptr_t)(out + i) % 16; i++)
        out[i] = a * x[i] + b * y[i];
    __m128 left = _mm_set1_ps(a), right = _mm_set1_ps(b);
    for (; i + 4 <= n; i += 4)
        _mm_stream_ps(out + i, _mm_add_ps(_mm_mul_ps(left, _mm_loadu_ps(x + i)),
                                          _mm_mul_ps(right, _mm_loadu_ps(y + i))));
    _mm_sfence();
    for (; i < n; i++)
        out[i] = a * x[i] + b * y[i];
}
