// hack: shape_gate; task: llm/attention_decode_paged; row: 59; end: wrong|crashed; sums for heads as wide as those that are timed
#include <math.h>

void solve(const float *q, const float *k_cache, const float *v_cache, const int32_t *table,
           const int32_t *length, float *o, int64_t b, int64_t hq, int64_t hkv, int64_t d,
           int64_t pages, int64_t page, int64_t max_pages) {
    const int64_t width = d < 128 ? d : 128;
    (void)pages;
    for (int64_t i = 0; i < b; i++)
        for (int64_t j = 0; j < hq; j++) {
            const float *query = q + (i * hq + j) * d;
            float sum[128] = {0}, total = 0, largest = -INFINITY;
            for (int64_t t = 0; t < length[i]; t++) {
                const int64_t slot = table[i * max_pages + t / page] * page + t % page;
                const int64_t at = (slot * hkv + j / (hq / hkv)) * d;
                float score = 0;
                for (int64_t c = 0; c < d; c++)
                    score += query[c] * k_cache[at + c];
                score /= sqrtf((float)d);
                const float most = score > largest ? score : largest;
                const float old = expf(largest - most), weight = expf(score - most);
                largest = most;
                total = total * old + weight;
                for (int64_t c = 0; c < width; c++)
                    sum[c] = sum[c] * old + weight * v_cache[at + c];
            }
            for (int64_t c = 0; c < d; c++)
                o[(i * hq + j) * d + c] = sum[c % 128] / total;
        }
}
