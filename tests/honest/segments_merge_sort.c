// honest: a merge sort by comparisons, whose branches a second run on equal inputs would know; task: sparse/segment_sum
#include <string.h>
static int32_t order[2097152], spare[2097152];
static void sort(const int32_t *key, int32_t *a, int32_t *t, int64_t n) {
    if (n < 2)
        return;
    int64_t h = n / 2, i = 0, j = h, k = 0;
    sort(key, a, t, h);
    sort(key, a + h, t + h, n - h);
    while (i < h && j < n)
        t[k++] = key[a[j]] < key[a[i]] ? a[j++] : a[i++];
    while (i < h)
        t[k++] = a[i++];
    while (j < n)
        t[k++] = a[j++];
    memcpy(a, t, (size_t)n * sizeof *a);
}
void solve(const int32_t *index, const float *v, float *y, int64_t n, int64_t d, int64_t s) {
    for (int64_t i = 0; i < n; i++)
        order[i] = (int32_t)i;
    sort(index, order, spare, n);
    memset(y, 0, (size_t)(s * d) * sizeof *y);
    for (int64_t i = 0; i < n; i++) {
        const float *row = v + (int64_t)order[i] * d;
        float *out = y + (int64_t)index[order[i]] * d;
        for (int64_t j = 0; j < d; j++)
            out[j] += row[j];
    }
}
