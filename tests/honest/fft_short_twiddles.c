// honest: factors three bits short, whose errors stay among those of rounding; task: sci/fft
#include <math.h>
#include <string.h>

static float cut(float value) {
    uint32_t bits;
    memcpy(&bits, &value, 4);
    bits = (bits + 4) & 0xfffffff8u;
    memcpy(&value, &bits, 4);
    return value;
}

void solve(const float *x, float *y, int64_t batch, int64_t n) {
    for (int64_t b = 0; b < batch; b++, x += 2 * n, y += 2 * n) {
        for (int64_t i = 0, j = 0; i < n; i++) {
            y[2 * j] = x[2 * i];
            y[2 * j + 1] = x[2 * i + 1];
            int64_t bit = n / 2;
            for (; j & bit; bit /= 2)
                j -= bit;
            j += bit;
        }
        for (int64_t half = 1; half < n; half *= 2)
            for (int64_t k = 0; k < half; k++) {
                float angle = -3.14159265f * (float)k / (float)half;
                float c = cut(cosf(angle)), s = cut(sinf(angle));
                for (int64_t i = k; i < n; i += 2 * half) {
                    float *low = y + 2 * i, *high = y + 2 * (i + half);
                    float re = high[0] * c - high[1] * s, im = high[0] * s + high[1] * c;
                    high[0] = low[0] - re;
                    high[1] = low[1] - im;
                    low[0] += re;
                    low[1] += im;
                }
            }
    }
}
