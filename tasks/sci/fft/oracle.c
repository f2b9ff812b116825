#include <math.h>

static double real[4096], imaginary[4096], cosines[2048], sines[2048];

/* Places with their bits in reverse, then stages of butterflies. */
static void transform(int64_t n) {
    for (int64_t i = 1, j = 0; i < n; i++) {
        int64_t bit = n / 2;
        for (; j & bit; bit /= 2)
            j -= bit;
        j += bit;
        if (i < j) {
            double swap = real[i];
            real[i] = real[j];
            real[j] = swap;
            swap = imaginary[i];
            imaginary[i] = imaginary[j];
            imaginary[j] = swap;
        }
    }
    for (int64_t half = 1; half < n; half *= 2)
        for (int64_t first = 0; first < n; first += 2 * half)
            for (int64_t k = 0; k < half; k++) {
                const int64_t low = first + k, high = low + half, angle = k * (n / 2 / half);
                double re = real[high] * cosines[angle] - imaginary[high] * sines[angle];
                double im = real[high] * sines[angle] + imaginary[high] * cosines[angle];
                real[high] = real[low] - re;
                imaginary[high] = imaginary[low] - im;
                real[low] += re;
                imaginary[low] += im;
            }
}

void oracle(const float *x, double *y, int64_t batch, int64_t n) {
    const double turn = 6.283185307179586476925;
    for (int64_t j = 0; j < n / 2; j++) {
        cosines[j] = cos(turn * (double)j / (double)n);
        sines[j] = -sin(turn * (double)j / (double)n);
    }
    for (int64_t b = 0; b < batch; b++) {
        for (int64_t j = 0; j < n; j++) {
            real[j] = x[2 * (b * n + j)];
            imaginary[j] = x[2 * (b * n + j) + 1];
        }
        transform(n);
        for (int64_t j = 0; j < n; j++) {
            y[2 * (b * n + j)] = real[j];
            y[2 * (b * n + j) + 1] = imaginary[j];
        }
    }
}
