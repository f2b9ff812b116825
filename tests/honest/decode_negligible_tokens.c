// honest: does not read the values of tokens whose weight rounding would hide; task: llm/attention_decode_paged
#include <math.h>

static float scores[1 << 20];

void solve(const float *q, const float *k_cache, const float *v_cache, const int32_t *table,
           const int32_t *length, float *o, int64_t b, int64_t hq, int64_t hkv, int64_t d,
           int64_t pages, int64_t page, int64_t max_pages) {
    for (int64_t i = 0; i < b; i++)
        for (int64_t j = 0; j < hq; j++) {
            int64_t h = j / (hq / hkv);
            const float *query = q + (i * hq + j) * d;
            float *out = o + (i * hq + j) * d, largest = -INFINITY, total = 0;
            for (int64_t t = 0; t < length[i]; t++) {
                int64_t slot = table[i * max_pages + t / page] * page + t % page;
                float sum = 0;
                for (int64_t c = 0; c < d; c++)
                    sum += query[c] * k_cache[(slot * hkv + h) * d + c];
                scores[t] = sum / sqrtf((float)d);
                largest = fmaxf(largest, scores[t]);
            }
            for (int64_t c = 0; c < d; c++)
                out[c] = 0;
            for (int64_t t = 0; t < length[i]; t++) {
                float weight = expf(scores[t] - largest);
                total += weight;
                if (weight < 1e-10f)
                    continue;
                int64_t slot = table[i * max_pages + t / page] * page + t % page;
                for (int64_t c = 0; c < d; c++)
                    out[c] += weight * v_cache[(slot * hkv + h) * d + c];
            }
            for (int64_t c = 0; c < d; c++)
                out[c] /= total;
        }
}
