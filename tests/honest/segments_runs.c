// honest: how long it takes depends on the indices; task: sparse/segment_sum
#include <string.h>

void solve(const int32_t *index, const float *v, float *y, int64_t n, int64_t d, int64_t s) {
    memset(y, 0, (size_t)(s * d) * sizeof *y);
    for (int64_t i = 0; i < n;) {
        int64_t end = i + 1;
        while (end < n && index[end] == index[i])
            end++;
        float *restrict out = y + index[i] * d;
        for (int64_t j = 0; j < d; j++) {
            float sum = 0;
            for (int64_t r = i; r < end; r++)
                sum += v[r * d + j];
            out[j] += sum;
        }
        i = end;
    }
}
