/* Three passes over a row that stays in cache, each a vector at a time. */
#include <immintrin.h>
#include <stdint.h>
#include <string.h>

/* exp(x) for x <= 0, to two units in the last place; exp(lowest) for whatever is smaller, and
 * lowest is -87: exp(-87) is 1e-38. The argument is reduced by multiples of ln 2 in two parts (Cody
 * and Waite), then a polynomial on |r| <= ln(2)/2: Taylor's, its last terms pulled towards the
 * minimax ones. */
#define LOG2_E 1.44269504088896341f
#define LN2_HIGH 0.693145751953125f
#define LN2_LOW 1.42860682030941723e-6f
#define ROUNDER 12582912.0f /* 1.5 * 2^23: adding it leaves a whole number in the low bits */

static inline float exponential(float x, float lowest) {
    float bounded = x > lowest ? x : lowest;
    float shifted = bounded * LOG2_E + ROUNDER;
    float whole = shifted - ROUNDER;
    float r = (bounded - whole * LN2_HIGH) - whole * LN2_LOW;
    float p = 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 0.5f;
    p = p * r * r + r + 1.0f;
    int32_t power;
    memcpy(&power, &shifted, sizeof power);
    int32_t bits;
    memcpy(&bits, &p, sizeof bits);
    bits += power << 23; /* the rounder's own bits leave at the top */
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline float largest_of(const float *x, int64_t count) {
    float largest = x[0];
#pragma omp simd reduction(max : largest) simdlen(16)
    for (int64_t c = 0; c < count; c++)
        largest = x[c] > largest ? x[c] : largest;
    return largest;
}

void solve(const float *x, float *y, int64_t rows, int64_t cols) {
    for (int64_t r = 0; r < rows; r++) {
        const float *restrict in = x + r * cols;
        float *restrict out = y + r * cols;
        float largest = largest_of(in, cols), sum = 0;
        /* No constant to the compiler: it would branch to exp(-87) and give up on vectors. */
        float lowest = -87.0f + 0.0f * largest;
#pragma omp simd reduction(+ : sum) simdlen(16)
        for (int64_t c = 0; c < cols; c++) {
            float value = exponential(in[c] - largest, lowest);
            out[c] = value;
            sum += value;
        }
        float scale = 1 / sum;
#pragma omp simd simdlen(16)
        for (int64_t c = 0; c < cols; c++)
            out[c] *= scale;
    }
}
