#include "core/deviation.h"

#include "core/element.h"

#include <math.h>
#include <string.h>

#define STRETCH 512
#define LINKED 0.5     /* of a spread, that neighbours share */
#define TURNED 0.03125 /* of errors, that no factor explains; truncation leaves an eighth */
#define ROUNDING 6e-8  /* 2^-24, of an f32 */

/* Whether the value needs none of the lower bits of its mantissa: not the last three of an f32,
 * which one value in eight does without. */
static bool is_short(enum hone_dtype dtype, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    const uint32_t significant = dtype == HONE_F64 ? 24 : dtype == HONE_F32 ? 21 : 11;
    return !(bits << (11 + significant));
}

/* An element that was judged: its error, also in tolerances, and what it should be. */
struct element {
    double error, share, wanted;
};

/* `last`: the element before it, zeros where there is none. */
static struct element add_element(struct hone_deviation_sums *sums,
                                  const struct hone_judged_output *output, double got,
                                  double wanted, const struct element *last) {
    const double tolerance = output->limits.atol + output->limits.rtol * fabs(wanted);
    if (!isfinite(got) || !isfinite(wanted) || !(tolerance > 0))
        return (struct element){0};
    const double error = got - wanted, share = error / tolerance;
    const double across = error * last->wanted - last->error * wanted;
    const double along = wanted * wanted + last->wanted * last->wanted;
    sums->count++;
    sums->errors += share;
    sums->outward += (fabs(got) - fabs(wanted)) / tolerance;
    sums->squares += share * share;
    sums->neighbours += share * last->share;
    sums->turned += along > 0 ? across * across / along : error * error;
    sums->error_squares += error * error;
    sums->wanted_squares += wanted * wanted;
    for (int i = 0; i < 3; i++)
        sums->above[i] += fabs(share) > 0.25 * (i + 1);
    if (got != 0) {
        sums->nonzero++;
        sums->short_count += is_short(output->dtype, got);
    }
    return (struct element){error, share, wanted};
}

void hone_deviation_add(struct hone_deviation_sums *sums, const struct hone_judged_output *output) {
    const int64_t known = hone_judge_known(output);
    double got[STRETCH];
    struct element last = {0};
    if (output->exact || !hone_dtype_is_float(output->dtype))
        return;
    for (int64_t first = 0; first < known; first += STRETCH) {
        const int64_t left = known - first;
        const uint32_t count = left < STRETCH ? (uint32_t)left : STRETCH;
        hone_judge_read(output, first, count, got);
        for (uint32_t i = 0; i < count; i++)
            last = add_element(sums, output, got[i], output->wanted[first + i], &last);
    }
}

static double ratio(double part, double whole) {
    return whole > 0 ? part / whole : part > 0 ? INFINITY : 0;
}

void hone_deviation_of(const struct hone_deviation_sums *sums, struct hone_deviation *deviation) {
    const double count = (double)sums->count;
    *deviation = (struct hone_deviation){.rel_l2 = NAN,
                                         .mean = NAN,
                                         .rms = NAN,
                                         .outward = NAN,
                                         .above = {NAN, NAN, NAN},
                                         .short_mantissa = NAN};
    if (!sums->count)
        return;
    deviation->count = sums->count;
    deviation->rel_l2 = sqrt(ratio(sums->error_squares, sums->wanted_squares));
    deviation->mean = sums->errors / count;
    deviation->outward = sums->outward / count;
    deviation->rms = sqrt(sums->squares / count);
    for (int i = 0; i < 3; i++)
        deviation->above[i] = (double)sums->above[i] / count;
    deviation->short_mantissa = ratio((double)sums->short_count, (double)sums->nonzero);
}

bool hone_deviation_is_linked(const struct hone_deviation_sums *sums) {
    const double count = (double)sums->count, mean = sums->errors / count;
    const double spread = sums->squares / count - mean * mean;
    return sums->neighbours / count - mean * mean > LINKED * spread;
}

/* A sum of n terms errs by the roundings of its n partial sums, to either side: by less than
 * sqrt(n) of the last one's. Every error is in two pairs. */
bool hone_deviation_is_scaled(const struct hone_deviation_sums *sums, double terms) {
    const double most = terms * ROUNDING * ROUNDING * sums->wanted_squares;
    return sums->error_squares > 0 && sums->error_squares <= most &&
           sums->turned <= TURNED * 2 * sums->error_squares;
}

void hone_deviation_worsen(struct hone_deviation *worst, const struct hone_deviation *other) {
    if (!other->count)
        return;
    if (!worst->count) {
        *worst = *other;
        return;
    }
    worst->count = worst->count > other->count ? worst->count : other->count;
    worst->rel_l2 = fmax(worst->rel_l2, other->rel_l2);
    worst->mean = fabs(other->mean) > fabs(worst->mean) ? other->mean : worst->mean;
    worst->outward = fabs(other->outward) > fabs(worst->outward) ? other->outward : worst->outward;
    worst->rms = fmax(worst->rms, other->rms);
    for (int i = 0; i < 3; i++)
        worst->above[i] = fmax(worst->above[i], other->above[i]);
    worst->short_mantissa = fmax(worst->short_mantissa, other->short_mantissa);
}
