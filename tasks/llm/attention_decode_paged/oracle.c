#include <math.h>
#include <stdint.h>

/* The weight of a token needs the largest score first; scores are computed again rather than kept, as
 * there is no bound on how many there are. */
static double score(const float *q, const float *k, int64_t d) {
    double sum = 0;
    for (int64_t c = 0; c < d; c++)
        sum += (double)q[c] * k[c];
    return sum / sqrt((double)d);
}

void oracle(const float *q, const float *k_cache, const float *v_cache, const int32_t *table,
            const int32_t *length, double *o, int64_t b, int64_t hq, int64_t hkv, int64_t d, int64_t pages,
            int64_t page, int64_t max_pages) {
    (void)pages;
    for (int64_t i = 0; i < b; i++)
        for (int64_t j = 0; j < hq; j++) {
            const int64_t h = j / (hq / hkv);
            const float *query = q + (i * hq + j) * d;
            double *out = o + (i * hq + j) * d;
            double largest = -INFINITY, total = 0;
            for (int64_t c = 0; c < d; c++)
                out[c] = 0;
            for (int64_t t = 0; t < length[i]; t++) {
                const int64_t slot = table[i * max_pages + t / page] * page + t % page;
                largest = fmax(largest, score(query, k_cache + (slot * hkv + h) * d, d));
            }
            for (int64_t t = 0; t < length[i]; t++) {
                const int64_t slot = table[i * max_pages + t / page] * page + t % page;
                const double weight =
                    exp(score(query, k_cache + (slot * hkv + h) * d, d) - largest);
                total += weight;
                for (int64_t c = 0; c < d; c++)
                    out[c] += weight * v_cache[(slot * hkv + h) * d + c];
            }
            for (int64_t c = 0; c < d; c++)
                out[c] /= total;
        }
}
