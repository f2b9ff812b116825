// honest: reads its own output over and over; task: algebra/scan
#include <string.h>

void solve(const float *x, float *y, int64_t n) {
    const int64_t block = 1024;
    memcpy(y, x, (size_t)n * sizeof *y);
    for (int64_t first = 0; first < n; first += block)
        for (int64_t i = first + 1; i < n && i < first + block; i++)
            y[i] += y[i - 1];
    double before = 0;
    for (int64_t first = 0; first < n; first += block) {
        int64_t end = first + block < n ? first + block : n;
        double whole = y[end - 1];
        for (int64_t i = first; i < end; i++)
            y[i] = (float)(y[i] + before);
        before += whole;
    }
}
