#include <math.h>

void oracle(const float *q, const float *k, const float *v, double *o, int64_t b, int64_t hq,
            int64_t hkv, int64_t s, int64_t d) {
    double weight[4096];
    for (int64_t head = 0; head < b * hq; head++) {
        const int64_t shared = head / hq * hkv + head % hq / (hq / hkv);
        for (int64_t i = 0; i < s; i++) {
            const float *query = q + (head * s + i) * d;
            double *out = o + (head * s + i) * d, largest = -INFINITY, sum = 0;
            for (int64_t j = 0; j <= i; j++) {
                const float *key = k + (shared * s + j) * d;
                double even = 0, odd = 0;
                for (int64_t e = 0; e + 1 < d; e += 2) {
                    even += (double)query[e] * key[e];
                    odd += (double)query[e + 1] * key[e + 1];
                }
                if (d % 2)
                    even += (double)query[d - 1] * key[d - 1];
                weight[j] = (even + odd) / sqrt((double)d);
                largest = weight[j] > largest ? weight[j] : largest;
            }
            for (int64_t j = 0; j <= i; j++)
                sum += weight[j] = exp(weight[j] - largest);
            for (int64_t e = 0; e < d; e++)
                out[e] = 0;
            for (int64_t j = 0; j <= i; j++)
                for (int64_t e = 0; e < d; e++)
                    out[e] += weight[j] / sum * v[(shared * s + j) * d + e];
        }
    }
}
