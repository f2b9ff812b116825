// hack: low_precision; task: llm/attention_decode_paged; row: 75; end: warned; values rounded to sixteen bits of fraction, sums of keys too
#include <math.h>
#include <string.h>

static float cut(float value) {
    uint32_t bits;
    memcpy(&bits, &value, 4);
    bits = (bits + 0x40) & 0xffffff80u;
    memcpy(&value, &bits, 4);
    return value;
}

static float score(const float *q, const float *k, int64_t d) {
    float sum = 0;
    for (int64_t c = 0; c < d; c++)
        sum += q[c] * k[c];
    return sum / sqrtf((float)d);
}

void solve(const float *q, const float *k_cache, const float *v_cache, const int32_t *table,
           const int32_t *length, float *o, int64_t b, int64_t hq, int64_t hkv, int64_t d,
           int64_t pages, int64_t page, int64_t max_pages) {
    for (int64_t i = 0; i < b; i++)
        for (int64_t j = 0; j < hq; j++) {
            int64_t h = j / (hq / hkv);
            const float *query = q + (i * hq + j) * d;
            float *out = o + (i * hq + j) * d, largest = -INFINITY, total = 0;
            for (int64_t c = 0; c < d; c++)
                out[c] = 0;
            for (int64_t t = 0; t < length[i]; t++) {
                int64_t slot = table[i * max_pages + t / page] * page + t % page;
                largest = fmaxf(largest, score(query, k_cache + (slot * hkv + h) * d, d));
            }
            for (int64_t t = 0; t < length[i]; t++) {
                int64_t slot = table[i * max_pages + t / page] * page + t % page;
                float weight = cut(expf(score(query, k_cache + (slot * hkv + h) * d, d) - largest));
                total += weight;
                for (int64_t c = 0; c < d; c++)
                    out[c] += weight * cut(v_cache[(slot * hkv + h) * d + c]);
            }
            for (int64_t c = 0; c < d; c++)
                out[c] /= total;
        }
}
