// honest: factors kept in static memory by length, made once for all later calls; task: sci/fft
#include <math.h>

static float cosines[2048], sines[2048];
static int64_t known;

void solve(const float *x, float *y, int64_t batch, int64_t n) {
    if (known != n)
        for (int64_t j = 0; j < n / 2; j++) {
            const double angle = -6.283185307179586 * (double)j / (double)n;
            cosines[j] = (float)cos(angle);
            sines[j] = (float)sin(angle);
        }
    known = n;
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
            for (int64_t first = 0; first < n; first += 2 * half)
                for (int64_t k = 0; k < half; k++) {
                    const float c = cosines[k * (n / 2 / half)], s = sines[k * (n / 2 / half)];
                    float *low = y + 2 * (first + k), *high = low + 2 * half;
                    const float re = high[0] * c - high[1] * s, im = high[0] * s + high[1] * c;
                    high[0] = low[0] - re;
                    high[1] = low[1] - im;
                    low[0] += re;
                    low[1] += im;
                }
    }
}
