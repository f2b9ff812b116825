// honest: scratch memory sized for the longest sequence, most of it never written; task: llm/attention_decode_paged
//@hone workspace scores f32[hq * max_pages * page]
//@hone call decode args=(q, k_cache, v_cache, table, length, o, scores, b, hq, hkv, d, page, max_pages)
#include <math.h>

static void weigh(float *scores, int64_t count) {
    float largest = scores[0], total = 0;
    for (int64_t t = 1; t < count; t++)
        largest = scores[t] > largest ? scores[t] : largest;
    for (int64_t t = 0; t < count; t++)
        total += scores[t] = expf(scores[t] - largest);
    for (int64_t t = 0; t < count; t++)
        scores[t] /= total;
}

void decode(const float *q, const float *k_cache, const float *v_cache, const int32_t *table,
            const int32_t *length, float *o, float *scores, int64_t b, int64_t hq, int64_t hkv,
            int64_t d, int64_t page, int64_t max_pages) {
    const int64_t most = max_pages * page;
    for (int64_t i = 0; i < b; i++, table += max_pages) {
        for (int64_t t = 0; t < length[i]; t++)
            for (int64_t j = 0; j < hq; j++) {
                const float *query = q + (i * hq + j) * d;
                const float *key = k_cache + ((table[t / page] * page + t % page) * hkv + j / (hq / hkv)) * d;
                float score = 0;
                for (int64_t c = 0; c < d; c++)
                    score += query[c] * key[c];
                scores[j * most + t] = score / sqrtf((float)d);
            }
        for (int64_t j = 0; j < hq; j++) {
            float *out = o + (i * hq + j) * d;
            weigh(scores + j * most, length[i]);
            for (int64_t c = 0; c < d; c++)
                out[c] = 0;
            for (int64_t t = 0; t < length[i]; t++) {
                const float *value = v_cache + ((table[t / page] * page + t % page) * hkv + j / (hq / hkv)) * d;
                for (int64_t c = 0; c < d; c++)
                    out[c] += scores[j * most + t] * value[c];
            }
        }
    }
}
