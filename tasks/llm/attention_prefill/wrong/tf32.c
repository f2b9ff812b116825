/* Queries, keys and values are rounded to 10 bits of fraction, as a tensor core does in tf32. */
#include <math.h>

static float rounded(float value) {
    uint32_t bits;
    __builtin_memcpy(&bits, &value, 4);
    bits = (bits + 0x0fff + (bits >> 13 & 1)) & 0xffffe000u;
    __builtin_memcpy(&value, &bits, 4);
    return value;
}

static float weight[4096];

void solve(const float *q, const float *k, const float *v, float *o, int64_t b, int64_t hq,
           int64_t hkv, int64_t s, int64_t d) {
    for (int64_t head = 0; head < b * hq; head++) {
        int64_t shared = head / hq * hkv + head % hq / (hq / hkv);
        const float *keys = k + shared * s * d, *values = v + shared * s * d;
        for (int64_t i = 0; i < s; i++) {
            const float *query = q + (head * s + i) * d;
            float *out = o + (head * s + i) * d;
            float largest = -INFINITY, sum = 0;
            for (int64_t j = 0; j <= i; j++) {
                float score = 0;
                for (int64_t e = 0; e < d; e++)
                    score += rounded(query[e]) * rounded(keys[j * d + e]);
                weight[j] = score / sqrtf((float)d);
                largest = weight[j] > largest ? weight[j] : largest;
            }
            for (int64_t j = 0; j <= i; j++) {
                weight[j] = expf(weight[j] - largest);
                sum += weight[j];
            }
            for (int64_t e = 0; e < d; e++)
                out[e] = 0;
            for (int64_t j = 0; j <= i; j++)
                for (int64_t e = 0; e < d; e++)
                    out[e] += weight[j] / sum * rounded(values[j * d + e]);
        }
    }
}
