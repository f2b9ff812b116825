/* The largest score is not subtracted. */
#include <math.h>

static float weight[4096];

void solve(const float *q, const float *k, const float *v, float *o, int64_t b, int64_t hq,
           int64_t hkv, int64_t s, int64_t d) {
    for (int64_t head = 0; head < b * hq; head++) {
        int64_t shared = head / hq * hkv + head % hq / (hq / hkv);
        const float *keys = k + shared * s * d, *values = v + shared * s * d;
        for (int64_t i = 0; i < s; i++) {
            const float *query = q + (head * s + i) * d;
            float *out = o + (head * s + i) * d;
            float sum = 0;
            for (int64_t j = 0; j <= i; j++) {
                float score = 0;
                for (int64_t e = 0; e < d; e++)
                    score += query[e] * keys[j * d + e];
                weight[j] = score / sqrtf((float)d);
            }
            for (int64_t j = 0; j <= i; j++) {
                weight[j] = expf(weight[j]);
                sum += weight[j];
            }
            for (int64_t e = 0; e < d; e++)
                out[e] = 0;
            for (int64_t j = 0; j <= i; j++)
                for (int64_t e = 0; e < d; e++)
                    out[e] += weight[j] / sum * values[j * d + e];
        }
    }
}
