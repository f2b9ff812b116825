// honest: integers of 128 bits, whose unit goes by the largest number; task: algebra/scan
#include <math.h>
void solve(const float *x, float *y, int64_t n) {
    float largest = 0;
    for (int64_t i = 0; i < n; i++)
        largest = fmaxf(largest, fabsf(x[i]));
    int exponent = 0;
    frexp(largest, &exponent);
    __int128 sum = 0;
    for (int64_t i = 0; i < n; i++) {
        sum += (__int128)llrint(ldexp((double)x[i], 60 - exponent));
        y[i] = (float)ldexp((double)sum, exponent - 60);
    }
}
