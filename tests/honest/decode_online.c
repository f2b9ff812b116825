// honest: reads every token once, and as many as there are, not as the cost says; task: llm/attention_decode_paged
#include <math.h>

void solve(const float *q, const float *k_cache, const float *v_cache, const int32_t *table,
           const int32_t *length, float *o, int64_t b, int64_t hq, int64_t hkv, int64_t d,
           int64_t pages, int64_t page, int64_t max_pages) {
    for (int64_t i = 0; i < b; i++)
        for (int64_t j = 0; j < hq; j++) {
            const int64_t h = j / (hq / hkv);
            const float *query = q + (i * hq + j) * d;
            float *restrict out = o + (i * hq + j) * d, largest = -INFINITY, total = 0;
            for (int64_t c = 0; c < d; c++)
                out[c] = 0;
            for (int64_t t = 0; t < length[i]; t++) {
                int64_t slot = table[i * max_pages + t / page] * page + t % page;
                const float *key = k_cache + (slot * hkv + h) * d;
                const float *value = v_cache + (slot * hkv + h) * d;
                float score = 0, kept = 1;
                for (int64_t c = 0; c < d; c++)
                    score += query[c] * key[c];
                score /= sqrtf((float)d);
                if (score > largest) {
                    kept = expf(largest - score);
                    largest = score;
                }
                float weight = expf(score - largest);
                total = total * kept + weight;
                for (int64_t c = 0; c < d; c++)
                    out[c] = out[c] * kept + weight * value[c];
            }
            for (int64_t c = 0; c < d; c++)
                out[c] /= total;
        }
}
