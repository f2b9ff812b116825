// honest: rescales what it has when a larger score comes, and rounds in another order; task: llm/attention_prefill
#include <math.h>

void solve(const float *q, const float *k, const float *v, float *o, int64_t b, int64_t hq,
           int64_t hkv, int64_t s, int64_t d) {
    const float root = 1 / sqrtf((float)d);
    for (int64_t head = 0; head < b * hq; head++) {
        const int64_t shared = head / hq * hkv + head % hq / (hq / hkv);
        for (int64_t i = 0; i < s; i++) {
            const float *query = q + (head * s + i) * d;
            float *restrict out = o + (head * s + i) * d, largest = -INFINITY, sum = 0;
            for (int64_t e = 0; e < d; e++)
                out[e] = 0;
            for (int64_t j = 0; j <= i; j++) {
                const float *key = k + (shared * s + j) * d, *value = v + (shared * s + j) * d;
                float score = 0, kept = 1;
#pragma omp simd reduction(+ : score)
                for (int64_t e = 0; e < d; e++)
                    score += query[e] * key[e];
                score *= root;
                if (score > largest) {
                    kept = expf(largest - score);
                    largest = score;
                }
                const float weight = expf(score - largest);
                sum = sum * kept + weight;
                for (int64_t e = 0; e < d; e++)
                    out[e] = out[e] * kept + weight * value[e];
            }
            for (int64_t e = 0; e < d; e++)
                out[e] /= sum;
        }
    }
}
