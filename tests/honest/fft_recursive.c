// honest: recursion on the stack, and double precision inside; task: sci/fft
#include <math.h>

static void transform(const float *x, float *y, int64_t n, int64_t stride) {
    if (n == 1) {
        y[0] = x[0];
        y[1] = x[1];
        return;
    }
    transform(x, y, n / 2, 2 * stride);
    transform(x + 2 * stride, y + n, n / 2, 2 * stride);
    const double step = -6.283185307179586 / (double)n, turn_re = cos(step), turn_im = sin(step);
    double c = 1, s = 0;
    for (int64_t k = 0; k < n / 2; k++) {
        float *low = y + 2 * k, *high = y + n + 2 * k;
        const float re = (float)(high[0] * c - high[1] * s), im = (float)(high[0] * s + high[1] * c);
        high[0] = low[0] - re;
        high[1] = low[1] - im;
        low[0] += re;
        low[1] += im;
        const double next = c * turn_re - s * turn_im;
        s = c * turn_im + s * turn_re;
        c = next;
    }
}

void solve(const float *x, float *y, int64_t batch, int64_t n) {
    for (int64_t b = 0; b < batch; b++)
        transform(x + 2 * b * n, y + 2 * b * n, n, 1);
}
