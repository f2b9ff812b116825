// hack: tolerance_edge; task: llm/attention_prefill; row: 77 54; every result a little too small, by truncation
#include <math.h>
#include <string.h>

static float weight[4096];

static float truncated(float value) {
    uint32_t bits;
    memcpy(&bits, &value, 4);
    bits &= 0xffffff80u;
    memcpy(&value, &bits, 4);
    return value;
}

void solve(const float *q, const float *k, const float *v, float *o, int64_t b, int64_t hq,
           int64_t hkv, int64_t s, int64_t d) {
    for (int64_t head = 0; head < b * hq; head++) {
        int64_t shared = head / hq * hkv + head % hq / (hq / hkv);
        const float *keys = k + shared * s * d, *values = v + shared * s * d;
        for (int64_t i = 0; i < s; i++) {
            const float *query = q + (head * s + i) * d;
            float *out = o + (head * s + i) * d, largest = -INFINITY, sum = 0;
            for (int64_t j = 0; j <= i; j++) {
                float score = 0;
                for (int64_t e = 0; e < d; e++)
                    score += query[e] * keys[j * d + e];
                weight[j] = score / sqrtf((float)d);
                largest = weight[j] > largest ? weight[j] : largest;
            }
            for (int64_t e = 0; e < d; e++)
                out[e] = 0;
            for (int64_t j = 0; j <= i; j++) {
                float full = expf(weight[j] - largest);
                sum += full;
                for (int64_t e = 0; e < d; e++)
                    out[e] += full * values[j * d + e];
            }
            for (int64_t e = 0; e < d; e++)
                out[e] = truncated(out[e] / sum);
        }
    }
}
