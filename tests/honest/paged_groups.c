// honest: a page at a time for all heads of a group, kept in arrays as long as they need be; task: llm/attention_decode_paged
#include <math.h>
void solve(const float *q, const float *k_cache, const float *v_cache, const int32_t *table,
           const int32_t *length, float *o, int64_t b, int64_t hq, int64_t hkv, int64_t d,
           int64_t pages, int64_t page, int64_t max_pages) {
    const int64_t group = hq / hkv;
    const float scale = 1.0f / sqrtf((float)d);
    for (int64_t i = 0; i < b; i++)
        for (int64_t h = 0; h < hkv; h++) {
            float m[group], l[group], acc[group][d];
            for (int64_t g = 0; g < group; g++) {
                m[g] = -INFINITY;
                l[g] = 0;
                for (int64_t c = 0; c < d; c++)
                    acc[g][c] = 0;
            }
            for (int64_t p = 0; p * page < length[i]; p++) {
                const int64_t base = (int64_t)table[i * max_pages + p] * page,
                              count = length[i] - p * page < page ? length[i] - p * page : page;
                for (int64_t t = 0; t < count; t++) {
                    const float *K = k_cache + ((base + t) * hkv + h) * d,
                                *V = v_cache + ((base + t) * hkv + h) * d;
                    for (int64_t g = 0; g < group; g++) {
                        const float *Q = q + (i * hq + h * group + g) * d;
                        float s = 0;
                        for (int64_t c = 0; c < d; c++)
                            s += Q[c] * K[c];
                        s *= scale;
                        if (s > m[g]) {
                            float f = expf(m[g] - s);
                            m[g] = s;
                            l[g] *= f;
                            for (int64_t c = 0; c < d; c++)
                                acc[g][c] *= f;
                        }
                        float w = expf(s - m[g]);
                        l[g] += w;
                        for (int64_t c = 0; c < d; c++)
                            acc[g][c] += w * V[c];
                    }
                }
            }
            for (int64_t g = 0; g < group; g++)
                for (int64_t c = 0; c < d; c++)
                    o[(i * hq + h * group + g) * d + c] = acc[g][c] / l[g];
        }
    (void)pages;
}
